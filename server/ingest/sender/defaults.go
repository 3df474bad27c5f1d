// Package sender is about what records say, or do not say, of who sent them, and how
// much of one is read.
//
// [New] takes the defaults, [Defaults.Fill] applies them to one record. It does
// not change what a record does say.
package sender

import "github.com/weirlog/weir/record"

// Defaults are what a record without its own resource fields gets. A Defaults has
// one user at a time: one request, one stream.
type Defaults struct {
	resource record.Resource

	// The last resource that was filled in, and what it became; nil: it was full.
	// Records of one sender follow each other, and share one resource that way.
	known  bool
	seen   record.Resource
	filled *record.Resource
}

// New returns defaults that fill empty fields from resource.
func New(resource record.Resource) *Defaults {
	return &Defaults{resource: resource}
}

// Fill sets the empty fields of r's resource. The resource that r came with is not
// changed.
func (d *Defaults) Fill(r *record.Record) {
	var have record.Resource
	if r.Resource != nil {
		have = *r.Resource
	}
	if !d.known || have != d.seen {
		full := have
		fill(&full.Service, d.resource.Service)
		fill(&full.Environment, d.resource.Environment)
		fill(&full.ServiceVersion, d.resource.ServiceVersion)
		fill(&full.LogType, d.resource.LogType)
		fill(&full.Host, d.resource.Host)
		d.known, d.seen, d.filled = true, have, nil
		if full != have {
			d.filled = &full
		}
	}
	if d.filled != nil {
		r.Resource = d.filled
	}
}

func fill(field *string, value string) {
	if *field == "" {
		*field = value
	}
}
