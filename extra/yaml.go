package extra

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/weirlog/weir/config"
)

// The bounds of a YAML document.
const (
	// maxYAMLNodes bounds what aliases of aliases grow to: a hundred bytes can stand
	// for gigabytes. Settings have hundreds of values.
	maxYAMLNodes = 100_000
	// maxYAMLDepth bounds how deep lists and objects lie in each other.
	maxYAMLDepth = 32
)

// YAML returns the decoder of weir.yaml and weir.yml. Anchors, aliases and merge keys
// work; a file holds one document.
func YAML() config.Decoder {
	return config.Decoder{Extensions: []string{".yaml", ".yml"}, Decode: decodeYAML}
}

func decodeYAML(data []byte) (*config.Node, error) {
	if err := checkNesting(data); err != nil {
		return nil, err
	}
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, yamlError(err)
	}
	r := &yamlReader{anchors: make(map[string]ast.Node)}
	root := &config.Node{}
	found := false
	for _, doc := range file.Docs {
		if doc.Body == nil || doc.Body.Type() == ast.CommentType || doc.Body.Type() == ast.CommentGroupType {
			continue
		}
		if found {
			return nil, r.fail(doc.Body, errors.New("a settings file holds one document"))
		}
		found = true
		if *root, err = r.value(doc.Body, 0); err != nil {
			return nil, err
		}
	}
	return root, nil
}

// yamlReader turns a tree of YAML into settings.
type yamlReader struct {
	anchors map[string]ast.Node
	nodes   int
}

func (r *yamlReader) fail(n ast.Node, err error) error {
	line, column := yamlPlace(n)
	return &config.SyntaxError{Line: line, Column: column, Err: err}
}

func yamlPlace(n ast.Node) (line, column int) {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line, t.Position.Column
	}
	return 0, 0
}

func (r *yamlReader) value(n ast.Node, depth int) (config.Node, error) {
	if r.nodes++; r.nodes > maxYAMLNodes {
		return config.Node{}, r.fail(n, fmt.Errorf("the file has more than %d values, with its aliases written out", maxYAMLNodes))
	}
	if depth > maxYAMLDepth {
		return config.Node{}, r.fail(n, fmt.Errorf("lists and objects lie more than %d deep in each other", maxYAMLDepth))
	}
	out := config.Node{}
	out.Line, out.Column = yamlPlace(n)
	switch n := n.(type) {
	case *ast.NullNode:
	case *ast.StringNode:
		out.Kind, out.Text = config.KindText, n.Value
	case *ast.LiteralNode:
		out.Kind, out.Text = config.KindText, n.Value.Value
	case *ast.IntegerNode:
		out.Kind, out.Text = config.KindNumber, fmt.Sprint(n.Value)
	case *ast.FloatNode:
		out.Kind, out.Text = config.KindNumber, floatText(n.Value)
	case *ast.InfinityNode, *ast.NanNode:
		out.Kind, out.Text = config.KindNumber, n.GetToken().Value
	case *ast.BoolNode:
		out.Kind, out.Text = config.KindBool, fmt.Sprint(n.Value)
	case *ast.SequenceNode:
		return r.list(out, n, depth)
	case *ast.MappingNode:
		return r.object(out, n.Values, depth)
	case *ast.MappingValueNode:
		return r.object(out, []*ast.MappingValueNode{n}, depth)
	case *ast.TagNode:
		return r.tagged(n, depth)
	case *ast.AnchorNode:
		name := n.Name.GetToken().Value
		value, err := r.value(n.Value, depth+1)
		r.anchors[name] = n.Value // after its value: an anchor that holds itself is unknown there
		return value, err
	case *ast.AliasNode:
		target, err := r.target(n)
		if err != nil {
			return out, err
		}
		return r.value(target, depth+1)
	default:
		return out, r.fail(n, fmt.Errorf("settings do not have %s", n.Type()))
	}
	return out, nil
}

// tagged reads a value with a tag. What YAML itself defines is read by its looks.
func (r *yamlReader) tagged(n *ast.TagNode, depth int) (config.Node, error) {
	value, err := r.value(n.Value, depth+1)
	if err != nil {
		return value, err
	}
	switch tag := n.Start.Value; {
	case tag == string(token.StringTag) && (value.Kind == config.KindNumber || value.Kind == config.KindBool || value.Kind == config.KindNull):
		value.Kind, value.Text = config.KindText, n.Value.GetToken().Value
	case len(tag) > 2 && tag[:2] == "!!":
	default:
		return value, r.fail(n, fmt.Errorf("settings know no tag %s", tag))
	}
	return value, nil
}

func (r *yamlReader) target(n *ast.AliasNode) (ast.Node, error) {
	name := n.Value.GetToken().Value
	target, ok := r.anchors[name]
	if !ok {
		return nil, r.fail(n, fmt.Errorf("there is no anchor &%s before *%s", name, name))
	}
	return target, nil
}

func (r *yamlReader) list(out config.Node, n *ast.SequenceNode, depth int) (config.Node, error) {
	out.Kind = config.KindList
	for _, item := range n.Values {
		value, err := r.value(item, depth+1)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, value)
	}
	return out, nil
}

// object reads the keys of a mapping; those of a merge key stand below its own.
func (r *yamlReader) object(out config.Node, values []*ast.MappingValueNode, depth int) (config.Node, error) {
	out.Kind = config.KindObject
	var merged []config.Member
	seen := make(map[string]bool)
	for _, v := range values {
		value, err := r.value(v.Value, depth+1)
		if err != nil {
			return out, err
		}
		if v.Key.IsMergeKey() {
			if merged, err = r.merge(merged, v, value); err != nil {
				return out, err
			}
			continue
		}
		m := config.Member{Value: value}
		m.Line, m.Column = yamlPlace(v.Key)
		if m.Key, err = r.key(v.Key); err != nil {
			return out, err
		}
		if seen[m.Key] {
			return out, r.fail(v.Key, fmt.Errorf("the key %q is there twice", m.Key))
		}
		seen[m.Key] = true
		if len(out.Members) == 0 {
			out.Line, out.Column = m.Line, m.Column // the mapping's own token is its first colon
		}
		out.Members = append(out.Members, m)
	}
	for _, m := range merged {
		if !seen[m.Key] {
			seen[m.Key] = true
			out.Members = append(out.Members, m)
		}
	}
	return out, nil
}

func (r *yamlReader) merge(merged []config.Member, v *ast.MappingValueNode, value config.Node) ([]config.Member, error) {
	switch value.Kind {
	case config.KindObject:
		return append(merged, value.Members...), nil
	case config.KindList:
		for _, item := range value.Items {
			if item.Kind != config.KindObject {
				return nil, r.fail(v.Value, errors.New("<< merges objects"))
			}
			merged = append(merged, item.Members...)
		}
		return merged, nil
	}
	return nil, r.fail(v.Value, errors.New("<< merges objects"))
}

func (r *yamlReader) key(n ast.MapKeyNode) (string, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, nil
	case ast.ScalarNode:
		return n.GetToken().Value, nil
	}
	return "", r.fail(n, errors.New("a key is a text"))
}

func yamlError(err error) error {
	var syntax yaml.Error
	if errors.As(err, &syntax) {
		e := &config.SyntaxError{Err: errors.New(syntax.GetMessage())}
		if t := syntax.GetToken(); t != nil && t.Position != nil {
			e.Line, e.Column = t.Position.Line, t.Position.Column
		}
		return e
	}
	return &config.SyntaxError{Err: err}
}
