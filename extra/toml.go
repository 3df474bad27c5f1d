package extra

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/weirlog/weir/config"
)

// TOML returns the decoder of weir.toml. Its [server] is the settings of weir serve, and
// [log] those of a program. Problems are told with the place of the value, but for
// tables in arrays, whose places the parser does not keep.
func TOML() config.Decoder {
	return config.Decoder{Extensions: []string{".toml"}, Decode: decodeTOML}
}

func decodeTOML(data []byte) (*config.Node, error) {
	if err := checkNesting(data); err != nil {
		return nil, err
	}
	var root map[string]toml.Primitive
	meta, err := toml.Decode(string(data), &root)
	if err != nil {
		return nil, tomlError(err)
	}
	r := &tomlReader{meta: &meta, order: make(map[string]int)}
	for i, key := range meta.Keys() {
		if _, known := r.order[key.String()]; !known {
			r.order[key.String()] = i
		}
	}
	node := &config.Node{Kind: config.KindObject}
	node.Members, err = r.members(nil, root)
	return node, err
}

// tomlReader walks a document table by table: the places of keys are only to be had
// from the errors of decoding them one by one.
type tomlReader struct {
	meta  *toml.MetaData
	order map[string]int // of keys, as they stand in the file
}

func (r *tomlReader) members(path toml.Key, table map[string]toml.Primitive) ([]config.Member, error) {
	keys := make([]string, 0, len(table))
	for key := range table {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		return r.order[r.full(path, a).String()] - r.order[r.full(path, b).String()]
	})
	members := make([]config.Member, 0, len(keys))
	for _, key := range keys {
		m, err := r.member(r.full(path, key), key, table[key])
		if err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	return members, nil
}

func (r *tomlReader) full(path toml.Key, key string) toml.Key {
	return append(path[:len(path):len(path)], key)
}

func (r *tomlReader) member(path toml.Key, key string, p toml.Primitive) (config.Member, error) {
	m := config.Member{Key: key}
	m.Line, m.Column = r.place(p)
	var value any
	if err := r.meta.PrimitiveDecode(p, &value); err != nil {
		return m, tomlError(err)
	}
	if _, ok := value.(map[string]any); ok {
		var table map[string]toml.Primitive
		if err := r.meta.PrimitiveDecode(p, &table); err != nil {
			return m, tomlError(err)
		}
		m.Value.Kind = config.KindObject
		var err error
		if m.Value.Members, err = r.members(path, table); err != nil {
			return m, err
		}
	} else {
		m.Value = tomlValue(value)
	}
	m.Value.Line, m.Value.Column = m.Line, m.Column
	return m, nil
}

// place returns where a key stands.
func (r *tomlReader) place(p toml.Primitive) (line, column int) {
	var refused toml.ParseError
	if errors.As(r.meta.PrimitiveDecode(p, refuser{}), &refused) && refused.Position.Line > 0 {
		return refused.Position.Line, refused.Position.Col
	}
	return 0, 0 // a table that stands in others' names alone
}

// refuser refuses every value, for the error's place.
type refuser struct{}

var _ toml.Unmarshaler = refuser{}

var errRefused = errors.New("refused")

func (refuser) UnmarshalTOML(any) error { return errRefused }

// tomlValue turns what the parser makes of a value into a node without a place.
func tomlValue(v any) config.Node {
	switch v := v.(type) {
	case string:
		return config.Node{Kind: config.KindText, Text: v}
	case bool:
		return config.Node{Kind: config.KindBool, Text: strconv.FormatBool(v)}
	case int64:
		return config.Node{Kind: config.KindNumber, Text: strconv.FormatInt(v, 10)}
	case float64:
		return config.Node{Kind: config.KindNumber, Text: floatText(v)}
	case time.Time:
		return config.Node{Kind: config.KindText, Text: v.Format(time.RFC3339Nano)}
	case []any:
		n := config.Node{Kind: config.KindList}
		for _, item := range v {
			n.Items = append(n.Items, tomlValue(item))
		}
		return n
	case []map[string]any:
		n := config.Node{Kind: config.KindList}
		for _, item := range v {
			n.Items = append(n.Items, tomlValue(item))
		}
		return n
	case map[string]any:
		n := config.Node{Kind: config.KindObject}
		for key, value := range v {
			n.Members = append(n.Members, config.Member{Key: key, Value: tomlValue(value)})
		}
		// In a list of tables there is no order to be had; any that stays will do.
		slices.SortFunc(n.Members, func(a, b config.Member) int { return strings.Compare(a.Key, b.Key) })
		return n
	}
	return config.Node{Kind: config.KindText, Text: fmt.Sprint(v)}
}

// floatText keeps a float one: 1.0 is no whole number where one is asked for.
func floatText(f float64) string {
	text := strconv.FormatFloat(f, 'g', -1, 64)
	if f == math.Trunc(f) && !math.IsInf(f, 0) && math.Abs(f) < 1e15 {
		return strconv.FormatFloat(f, 'f', 1, 64)
	}
	return text
}

func tomlError(err error) error {
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return &config.SyntaxError{Line: parse.Position.Line, Column: parse.Position.Col, Err: errors.New(parse.Message)}
	}
	return &config.SyntaxError{Err: err}
}
