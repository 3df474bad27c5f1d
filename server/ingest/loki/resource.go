package loki

import (
	"log/slog"

	"github.com/weirlog/weir/record"
)

// overruled keeps the labels whose field the line gives otherwise: a program knows its
// own name better than the agent that reads its output.
func (s *stream) overruled(r *record.Record, attrs *mixer) {
	if r.Resource == nil {
		return
	}
	if r.Resource != s.seen {
		s.seen = r.Resource
		s.fully = true
		for _, m := range resourceMeanings {
			s.fully = s.fully && (s.choice.at[m] == 0 || *fieldOf(r.Resource, m) == s.choice.value(s.labels, m))
		}
	}
	if s.fully {
		return
	}
	for _, m := range resourceMeanings {
		if given := s.choice.value(s.labels, m); given != "" && *fieldOf(r.Resource, m) != given {
			attrs.add(slog.String(s.labels[s.choice.at[m]-1].name, given))
		}
	}
}

var resourceMeanings = [...]meaning{meansService, meansHost, meansEnvironment, meansVersion, meansType}

func fieldOf(res *record.Resource, m meaning) *string {
	switch m {
	case meansHost:
		return &res.Host
	case meansEnvironment:
		return &res.Environment
	case meansVersion:
		return &res.ServiceVersion
	case meansType:
		return &res.LogType
	}
	return &res.Service
}

// fillFrom takes from the metadata what neither the line nor the labels say about the
// sender. What is not taken stays an attribute.
func (p *pusher) fillFrom(r *record.Record, metadata []label, c *choice) {
	var res record.Resource
	if r.Resource != nil {
		res = *r.Resource
	}
	changed := false
	for _, m := range resourceMeanings {
		given, field := c.value(metadata, m), fieldOf(&res, m)
		switch {
		case given == "" || given == *field:
		case *field == "":
			*field, changed = given, true
		default:
			c.at[m] = 0
		}
	}
	if changed {
		r.Resource = p.resources.Intern(res)
	}
}
