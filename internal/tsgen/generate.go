package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/weirlog/weir/record"
)

const header = `// Generated from the Go types by internal/tsgen; do not edit. Run: make types

/** What JSON can hold. */
export type JSONValue = string | number | boolean | null | JSONValue[] | { [key: string]: JSONValue }
`

// generate writes the record's interface and one for each of types.
func generate(types []reflect.Type) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(header)
	writeRecord(&b)
	known := make(map[reflect.Type]bool)
	for _, t := range types {
		known[t] = true
	}
	for _, t := range types {
		if err := writeInterface(&b, t, known); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

// writeRecord writes the interface of a record and the list of its fields. A
// record that the server sends has been committed, so it has an id and a time.
func writeRecord(b *bytes.Buffer) {
	b.WriteString("\n/** One log record. What is null is left out. */\nexport interface LogRecord {\n")
	for _, f := range record.Fields {
		optional := "?"
		if f.ID == record.FieldPosition || f.ID == record.FieldCreatedAt {
			optional = ""
		}
		fmt.Fprintf(b, "  /** %s */\n  %s%s: %s\n", f.Help, f.Name, optional, fieldType(f.Type))
	}
	b.WriteString("}\n\n/** The names of a record's fields, in the order of the projection. */\nexport type FieldName = keyof LogRecord\n")
	b.WriteString("\nexport type FieldType = 'text' | 'integer' | 'number' | 'time' | 'bool' | 'id' | 'object'\n")
	b.WriteString("\nexport const fields: readonly { readonly name: FieldName; readonly type: FieldType; readonly help: string }[] = [\n")
	for _, f := range record.Fields {
		fmt.Fprintf(b, "  { name: %s, type: %s, help: %s },\n", quote(f.Name), quote(typeName(f.Type)), quote(f.Help))
	}
	b.WriteString("]\n")
}

func fieldType(t record.FieldType) string {
	switch t {
	case record.TypeInteger, record.TypeNumber:
		return "number"
	case record.TypeBool:
		return "boolean"
	case record.TypeObject:
		return "Record<string, JSONValue>"
	}
	return "string"
}

func typeName(t record.FieldType) string {
	switch t {
	case record.TypeInteger:
		return "integer"
	case record.TypeNumber:
		return "number"
	case record.TypeTime:
		return "time"
	case record.TypeBool:
		return "bool"
	case record.TypeID:
		return "id"
	case record.TypeObject:
		return "object"
	}
	return "text"
}

// quote writes a text as the page's linter wants it.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

func writeInterface(b *bytes.Buffer, t reflect.Type, known map[reflect.Type]bool) error {
	if t.Kind() != reflect.Struct {
		return fmt.Errorf("%s is not a struct", t)
	}
	fmt.Fprintf(b, "\nexport interface %s {\n", t.Name())
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || f.Anonymous && name == "" || name == "-" && options == "" || len(f.Index) > 1 && embeddedByName(t, f.Index) {
			continue
		}
		if name == "" {
			name = f.Name
		}
		optional := ""
		if strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero") {
			optional = "?"
		}
		text, err := typeText(f.Type, known)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", t.Name(), f.Name, err)
		}
		fmt.Fprintf(b, "  %s%s: %s\n", name, optional, text)
	}
	b.WriteString("}\n")
	return nil
}

// embeddedByName reports whether a promoted field is inside an embedded struct that
// has a name in the JSON, and so is not promoted there.
func embeddedByName(t reflect.Type, index []int) bool {
	return t.Field(index[0]).Tag.Get("json") != ""
}

func typeText(t reflect.Type, known map[reflect.Type]bool) (string, error) {
	switch {
	case t == reflect.TypeFor[record.Record]():
		return "LogRecord", nil
	case t == reflect.TypeFor[record.Position](), t == reflect.TypeFor[time.Time]():
		return "string", nil
	case t == reflect.TypeFor[json.RawMessage]():
		return "JSONValue", nil
	case known[t]:
		return t.Name(), nil
	}
	switch t.Kind() {
	case reflect.String:
		return "string", nil
	case reflect.Bool:
		return "boolean", nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Float32, reflect.Float64:
		return "number", nil
	case reflect.Interface:
		return "JSONValue", nil
	case reflect.Pointer:
		text, err := typeText(t.Elem(), known)
		return text + " | null", err
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return "string", nil // base64
		}
		text, err := typeText(t.Elem(), known)
		if strings.Contains(text, " ") {
			text = "(" + text + ")"
		}
		return text + "[]", err
	case reflect.Map:
		text, err := typeText(t.Elem(), known)
		return "Record<string, " + text + ">", err
	}
	return "", fmt.Errorf("%s has no type in TypeScript: list it, or give it a simpler one", t)
}
