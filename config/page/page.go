// Package page lets settings ask for the live page: it holds the builder of the sink
// type page. It is a package of its own because a program that imports it has the
// page in it.
//
//	log, err := config.New("shop", config.Options{Sinks: page.Sinks()})
//
// Then the key dashboard (true, or address and open), WEIR_DASHBOARD, and sinks of
// the type page are understood.
package page

import (
	"net"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/dashboard"
)

// Sinks returns the map for config.Options.Sinks, to which others may be added.
func Sinks() map[string]config.SinkBuilder {
	return map[string]config.SinkBuilder{"page": Sink}
}

// Sink builds a live page that serves itself, as dashboard.Auto does: the keys are
// address, and open, which says whether a browser is opened. Where CI is set or
// WEIR_DASHBOARD is off there is none.
func Sink(s *config.Section) func() (weir.Sink, error) {
	address := s.Text("address", dashboard.DefaultAddress)
	if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
		s.Refuse("address", "it is not a host and a port", "as "+dashboard.DefaultAddress)
	}
	opts := []dashboard.AutoOption{dashboard.Address(address)}
	if !s.Bool("open", true) {
		opts = append(opts, dashboard.NoOpen())
	}
	return func() (weir.Sink, error) {
		var o weir.Options
		dashboard.Auto(opts...)(&o)
		if len(o.Sinks) == 0 {
			return nil, nil //nolint:nilnil // there is nobody to look
		}
		return o.Sinks[0], nil
	}
}
