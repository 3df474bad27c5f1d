package otlp

import (
	"log/slog"

	"github.com/weirlog/weir/record"
)

// from is who emitted the records that follow: what their resource and their scope
// become. Records share its values.
type from struct {
	resource *record.Resource
	logger   string
	groups   []slog.Attr // "resource" and "scope", those that are not empty

	rest slog.Attr // the group "resource"
}

// The groups of what has no field of its own.
const (
	groupResource = "resource"
	groupScope    = "scope"
)

// Attributes of resources that are fields of the record's resource.
const (
	attrService        = "service.name"
	attrVersion        = "service.version"
	attrEnvironment    = "deployment.environment.name"
	attrOldEnvironment = "deployment.environment"
	attrHost           = "host.name"
)

// fieldOf returns the field that an attribute of a resource is; nil: it is none.
func fieldOf(r *record.Resource, key string) *string {
	switch key {
	case attrService:
		return &r.Service
	case attrVersion:
		return &r.ServiceVersion
	case attrEnvironment, attrOldEnvironment:
		return &r.Environment
	case attrHost:
		return &r.Host
	}
	return nil
}

// describe begins the records of a resource.
func (f *from) describe(r *resource, shared *record.Interner) {
	var known record.Resource
	rest := make([]slog.Attr, 0, len(r.attrs)+2)
	for _, a := range r.attrs {
		field := fieldOf(&known, a.Key)
		if field == nil || *field != "" || a.Value.Kind() != slog.KindString || a.Value.String() == "" {
			rest = append(rest, a)
			continue
		}
		*field = a.Value.String()
	}
	*f = from{resource: shared.Intern(known)}
	if rest = withOwn(rest, r.dropped, r.schema); len(rest) > 0 {
		f.rest = slog.Attr{Key: groupResource, Value: group(rest)}
	}
	f.enter(&scope{})
}

// enter begins the records of a scope.
func (f *from) enter(s *scope) {
	f.logger = s.name
	f.groups = make([]slog.Attr, 0, 2)
	if f.rest.Key != "" {
		f.groups = append(f.groups, f.rest)
	}
	rest := make([]slog.Attr, 0, len(s.attrs)+3)
	rest = append(rest, s.attrs...)
	if s.version != "" {
		rest = addOwn(rest, slog.String("version", s.version))
	}
	if rest = withOwn(rest, s.dropped, s.schema); len(rest) > 0 {
		f.groups = append(f.groups, slog.Attr{Key: groupScope, Value: group(rest)})
	}
}

// withOwn adds what a resource and a scope have beside their attributes.
func withOwn(attrs []slog.Attr, dropped uint64, schema string) []slog.Attr {
	if schema != "" {
		attrs = addOwn(attrs, slog.String("schema_url", schema))
	}
	if dropped > 0 {
		attrs = addOwn(attrs, slog.Attr{Key: attrDropped, Value: count(dropped)})
	}
	return attrs
}

// addOwn adds what the protocol says in a field of its own. An attribute that the
// sender gave the same name becomes _conflict.<name>.
func addOwn(attrs []slog.Attr, own slog.Attr) []slog.Attr {
	for i := range attrs {
		if attrs[i].Key == own.Key {
			attrs[i].Key = record.ConflictPrefix + own.Key
		}
	}
	return append(attrs, own)
}
