package record

import "log/slog"

// Row is a record's projection: the value of each field by its FieldID. The zero
// Value stands for null. The value of metadata is a group, or null when there is
// nothing in it; times are of kind time, id and the integers of kind int64 (seq
// of kind uint64), duration_ms is of kind float64. message, severity, kind and
// deleted are never null.
type Row [NumFields]slog.Value

// Row fills row with r's projection. It does not allocate but for metadata; the
// values share r's memory.
func (r *Record) Row(row *Row) {
	var p placement
	p.fill(r)
	*row = Row{}
	for id := range FieldID(NumFields) {
		row[id] = r.field(&p, id)
	}
}

// field returns the value of a field; the zero Value is null.
func (r *Record) field(p *placement, id FieldID) slog.Value {
	switch id {
	case FieldPosition:
		if r.ID > 0 {
			return slog.Int64Value(int64(r.ID))
		}
	case FieldCreatedAt:
		if !r.Time.IsZero() {
			return slog.TimeValue(r.Time)
		}
	case FieldObservedAt:
		if !r.Observed.IsZero() {
			return slog.TimeValue(r.Observed)
		}
	case FieldLevel:
		return textOrNull(r.LevelText())
	case FieldSeverity:
		return slog.Int64Value(int64(r.Severity))
	case FieldMessage:
		return slog.StringValue(r.Message)
	case FieldKind:
		return slog.StringValue(r.Kind.String())
	case FieldSeq:
		if r.Seq != 0 {
			return slog.Uint64Value(r.Seq)
		}
	case FieldSourceID:
		return textOrNull(r.SourceID)
	case FieldTraceID, FieldSpanID, FieldLogger:
		return textOrNull(p.text(r, id, r.own(id)))
	case FieldLogType, FieldService, FieldEnvironment, FieldServiceVersion, FieldHost:
		return textOrNull(p.text(r, id, r.Resource.field(id)))
	case FieldMetadata:
		return r.rest(p)
	default:
		if i := p.at[id]; i != 0 {
			return fitted(Fields[id].Type, r.Attrs[i-1].Value)
		}
		if id == FieldDeleted {
			return slog.BoolValue(false)
		}
	}
	return slog.Value{}
}

func textOrNull(s string) slog.Value {
	if s == "" {
		return slog.Value{}
	}
	return slog.StringValue(s)
}

// fitted converts a value that fits a type to the kind that a Row has for it.
func fitted(t FieldType, v slog.Value) slog.Value {
	switch t {
	case TypeText:
		if v.Kind() != slog.KindString {
			return slog.StringValue(ValueText(v))
		}
	case TypeInteger:
		switch v.Kind() {
		case slog.KindUint64:
			return slog.Int64Value(int64(v.Uint64()))
		case slog.KindFloat64:
			return slog.Int64Value(int64(v.Float64()))
		}
	case TypeNumber:
		switch v.Kind() {
		case slog.KindInt64:
			return slog.Float64Value(float64(v.Int64()))
		case slog.KindUint64:
			return slog.Float64Value(float64(v.Uint64()))
		}
	}
	return v
}

// rest returns the attributes that are not fields as a group, null when there
// are none. It shares r.Attrs when no attribute is a field.
func (r *Record) rest(p *placement) slog.Value {
	nulls, empties := 0, 0
	for i := range r.Attrs {
		switch v := r.Attrs[i].Value; {
		case isNull(v):
			nulls++
		case v.Kind() == slog.KindGroup && len(v.Group()) == 0:
			empties++
		}
	}
	if len(r.Attrs) == p.n+nulls {
		return slog.Value{}
	}
	if p.n == 0 && nulls == 0 && empties == 0 {
		return slog.GroupValue(r.Attrs...)
	}
	rest := make([]slog.Attr, 0, len(r.Attrs)-nulls-p.n)
	for i, a := range r.Attrs {
		if _, ok := r.fieldAt(i); ok || isNull(a.Value) {
			continue
		}
		if a.Value.Kind() == slog.KindGroup && len(a.Value.Group()) == 0 {
			a.Value = EmptyObject()
		}
		rest = append(rest, a)
	}
	return slog.GroupValue(rest...)
}

// FromRow makes the record that a row describes. It is the inverse of
// [Record.Row] for every normalized record: the JSON is the same.
func FromRow(row *Row) Record { return FromRowShared(row, nil) }

// FromRowShared is FromRow for many rows: equal resources are taken from shared.
func FromRowShared(row *Row, shared *Interner) Record {
	text := func(id FieldID) string {
		if v := row[id]; !isNull(v) {
			return ValueText(v)
		}
		return ""
	}
	r := Record{
		Message:  text(FieldMessage),
		Logger:   text(FieldLogger),
		TraceID:  text(FieldTraceID),
		SpanID:   text(FieldSpanID),
		SourceID: text(FieldSourceID),
		Resource: shared.Intern(Resource{
			Service:        text(FieldService),
			Environment:    text(FieldEnvironment),
			ServiceVersion: text(FieldServiceVersion),
			LogType:        text(FieldLogType),
			Host:           text(FieldHost),
		}),
	}
	if n, ok := integer(row[FieldPosition]); ok {
		r.ID = Position(n)
	}
	if v := row[FieldCreatedAt]; v.Kind() == slog.KindTime {
		r.Time = v.Time()
	}
	if v := row[FieldObservedAt]; v.Kind() == slog.KindTime {
		r.Observed = v.Time()
	}
	if n, ok := integer(row[FieldSeverity]); ok && n > 0 && n <= int64(severityMax) {
		r.Severity = Severity(n)
	} else {
		r.Level = text(FieldLevel)
	}
	r.Kind, _ = ParseKind(text(FieldKind))
	switch v := row[FieldSeq]; v.Kind() {
	case slog.KindUint64:
		r.Seq = v.Uint64()
	case slog.KindInt64:
		r.Seq = uint64(v.Int64())
	}

	metadata := row[FieldMetadata]
	var rest []slog.Attr
	if metadata.Kind() == slog.KindGroup {
		rest = metadata.Group()
	}
	n := 0
	for id := range FieldID(NumFields) {
		if row.isAttr(id) {
			n++
		}
	}
	if n == 0 {
		r.Attrs = rest
		return r
	}
	r.Attrs = make([]slog.Attr, 0, n+len(rest))
	for id := range FieldID(NumFields) {
		if row.isAttr(id) {
			r.Attrs = append(r.Attrs, slog.Attr{Key: Fields[id].Name, Value: row[id]})
		}
	}
	r.Attrs = append(r.Attrs, rest...)
	return r
}

// isAttr reports whether a row's field becomes an attribute again; deleted=false
// is what a record without it has.
func (row *Row) isAttr(id FieldID) bool {
	v := row[id]
	if Fields[id].Origin != FromAttr || isNull(v) {
		return false
	}
	return id != FieldDeleted || v.Kind() == slog.KindBool && v.Bool()
}

// integer returns v as an int64 when one holds it.
func integer(v slog.Value) (int64, bool) {
	if v.Kind() != slog.KindString && fits(TypeInteger, v) {
		return fitted(TypeInteger, v).Int64(), true
	}
	return 0, false
}

// field returns one of the resource's fields; res may be nil.
func (res *Resource) field(id FieldID) string {
	if res == nil {
		return ""
	}
	return *res.fieldPtr(id)
}

func (res *Resource) fieldPtr(id FieldID) *string {
	switch id {
	case FieldLogType:
		return &res.LogType
	case FieldService:
		return &res.Service
	case FieldEnvironment:
		return &res.Environment
	case FieldServiceVersion:
		return &res.ServiceVersion
	case FieldHost:
		return &res.Host
	}
	panic("BUG: not a field of a resource")
}
