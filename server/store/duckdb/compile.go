package duckdb

import (
	"github.com/weirlog/weir/query"
	"github.com/weirlog/weir/record"
)

// compiler turns the tree of a filter into SQL.
type compiler struct{ fold folding }

func (c compiler) node(n query.Node) bounds {
	switch n := n.(type) {
	case *query.And:
		return c.combine(n.Nodes, allOf)
	case *query.Or:
		return c.combine(n.Nodes, anyOf)
	case *query.Not:
		b := c.node(n.Node)
		return bounds{over: not(b.under), under: not(b.over), exact: b.exact}
	case *query.Text:
		return c.text(n)
	case *query.Compare:
		if f, ok := record.FieldByName(n.Field); ok {
			return c.field(f, n)
		}
		return c.attribute(n)
	}
	return unknown()
}

func (c compiler) combine(nodes []query.Node, join func(...cond) cond) bounds {
	parts := make([]bounds, len(nodes))
	for i, n := range nodes {
		parts[i] = c.node(n)
	}
	return c.combineBounds(parts, join)
}

func (c compiler) combineBounds(parts []bounds, join func(...cond) cond) bounds {
	over, under, exact := make([]cond, len(parts)), make([]cond, len(parts)), true
	for i, b := range parts {
		over[i], under[i] = b.over, b.under
		exact = exact && b.exact
	}
	return bounds{over: join(over...), under: join(under...), exact: exact}
}

// text is a word in the message or the stack trace.
func (c compiler) text(n *query.Text) bounds {
	parts := []bounds{c.contains("message", n.Lower), c.contains("stack_trace", n.Lower)}
	return c.combineBounds(parts, anyOf)
}

// contains says that a column's folded text contains lower.
func (c compiler) contains(column, lower string) bounds {
	part := c.fold.longest(lower)
	found := where(column+" IS NOT NULL AND contains(lower("+column+"), ?)", part)
	if part == "" {
		found = where(column + " IS NOT NULL")
	}
	if part == lower {
		return exactly(found)
	}
	return atMost(found)
}
