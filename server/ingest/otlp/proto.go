package otlp

import (
	"fmt"
	"log/slog"
)

// The fields of opentelemetry/proto/collector/logs/v1 and of what is in it, each number
// with the kind that the field has. A field of a known number and another kind is taken
// for an unknown one, and passed over, as protobuf wants it.
const (
	requestResourceLogs = 1<<3 | kindBytes

	resourceLogsResource = 1<<3 | kindBytes
	resourceLogsScopes   = 2<<3 | kindBytes
	resourceLogsSchema   = 3<<3 | kindBytes

	resourceAttributes = 1<<3 | kindBytes
	resourceDropped    = 2<<3 | kindVarint

	scopeLogsScope   = 1<<3 | kindBytes
	scopeLogsRecords = 2<<3 | kindBytes
	scopeLogsSchema  = 3<<3 | kindBytes

	scopeName       = 1<<3 | kindBytes
	scopeVersion    = 2<<3 | kindBytes
	scopeAttributes = 3<<3 | kindBytes
	scopeDropped    = 4<<3 | kindVarint

	recordTime         = 1<<3 | kindFixed64
	recordSeverity     = 2<<3 | kindVarint
	recordSeverityText = 3<<3 | kindBytes
	recordBody         = 5<<3 | kindBytes
	recordAttributes   = 6<<3 | kindBytes
	recordDropped      = 7<<3 | kindVarint
	recordFlags        = 8<<3 | kindFixed32
	recordTraceID      = 9<<3 | kindBytes
	recordSpanID       = 10<<3 | kindBytes
	recordObserved     = 11<<3 | kindFixed64
	recordEvent        = 12<<3 | kindBytes

	pairKey   = 1<<3 | kindBytes
	pairValue = 2<<3 | kindBytes

	valueString = 1<<3 | kindBytes
	valueBool   = 2<<3 | kindVarint
	valueInt    = 3<<3 | kindVarint
	valueDouble = 4<<3 | kindFixed64
	valueArray  = 5<<3 | kindBytes
	valueList   = 6<<3 | kindBytes
	valueBytes  = 7<<3 | kindBytes

	listValues = 1<<3 | kindBytes
)

// walkProto leads through an ExportLogsServiceRequest.
func walkProto(data []byte, to visitor) error {
	c := newBytesCursor(data)
	for c.next() {
		if c.tag != requestResourceLogs {
			continue
		}
		if err := walkResourceLogs(c.bytes(), to); err != nil {
			return err
		}
	}
	return broken("the body", c.err)
}

// broken says which message is not what it should be.
func broken(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s is no OTLP protobuf: %w", what, err)
}

// walkResourceLogs reads the resource first, wherever it is among the records.
func walkResourceLogs(data []byte, to visitor) error {
	var r resource
	c := newBytesCursor(data)
	for c.next() {
		var err error
		switch c.tag {
		case resourceLogsResource:
			err = r.readProto(c.bytes())
		case resourceLogsSchema:
			r.schema = string(c.bytes())
		}
		if err != nil {
			return broken("a Resource", err)
		}
	}
	if c.err != nil {
		return broken("a ResourceLogs", c.err)
	}
	if err := to.resource(&r); err != nil {
		return err
	}
	for c = newBytesCursor(data); c.next(); {
		if c.tag != resourceLogsScopes {
			continue
		}
		if err := walkScopeLogs(c.bytes(), to); err != nil {
			return err
		}
	}
	return nil
}

func walkScopeLogs(data []byte, to visitor) error {
	var s scope
	c := newBytesCursor(data)
	for c.next() {
		var err error
		switch c.tag {
		case scopeLogsScope:
			err = s.readProto(c.bytes())
		case scopeLogsSchema:
			s.schema = string(c.bytes())
		}
		if err != nil {
			return broken("an InstrumentationScope", err)
		}
	}
	if c.err != nil {
		return broken("a ScopeLogs", c.err)
	}
	if err := to.scope(&s); err != nil {
		return err
	}
	for c = newBytesCursor(data); c.next(); {
		if c.tag != scopeLogsRecords {
			continue
		}
		if err := to.record(c.bytes()); err != nil {
			return err
		}
	}
	return nil
}

func (r *resource) readProto(data []byte) error {
	d := protoReader{left: maxValues}
	c := newCursor(data)
	for c.next() {
		switch c.tag {
		case resourceAttributes:
			r.attrs = d.pair(r.attrs, c.sub(), 0)
		case resourceDropped:
			r.dropped = uint64(uint32(c.number))
		}
	}
	return d.end(&c)
}

func (s *scope) readProto(data []byte) error {
	d := protoReader{left: maxValues}
	c := newCursor(data)
	for c.next() {
		switch c.tag {
		case scopeName:
			s.name = c.string()
		case scopeVersion:
			s.version = c.string()
		case scopeAttributes:
			s.attrs = d.pair(s.attrs, c.sub(), 0)
		case scopeDropped:
			s.dropped = uint64(uint32(c.number))
		}
	}
	return d.end(&c)
}

// usualAttrs is room for the attributes of most records.
const usualAttrs = 8

// protoEntry reads a LogRecord.
func protoEntry(data []byte) (*entry, error) {
	d := protoReader{left: maxValues}
	e := &entry{}
	c := newCursor(data)
	for c.next() {
		switch c.tag {
		case recordTime:
			e.time = c.number
		case recordObserved:
			e.observed = c.number
		case recordSeverity:
			e.severity = int64(int32(c.number))
		case recordSeverityText:
			e.severityText = c.string()
		case recordBody:
			d.field = attrBody
			e.body = d.value(c.sub(), 0)
		case recordAttributes:
			if e.attrs == nil {
				e.attrs = make([]slog.Attr, 0, usualAttrs)
			}
			e.attrs = d.pair(e.attrs, c.sub(), 0)
		case recordDropped:
			e.dropped = uint64(uint32(c.number))
		case recordFlags:
			e.flags = c.number
		case recordTraceID:
			e.traceID = e.hexID(c.bytes(), traceIDBytes, "trace_id")
		case recordSpanID:
			e.spanID = e.hexID(c.bytes(), spanIDBytes, "span_id")
		case recordEvent:
			e.event = c.string()
		}
	}
	e.repairs = append(e.repairs, d.repairs...)
	return e, d.end(&c)
}
