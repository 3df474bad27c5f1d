package duckdb

import "strings"

// cond is a condition in SQL with its parameters. It is never NULL, so that NOT
// means the opposite.
type cond struct {
	sql    string
	params []any
}

const (
	always = "TRUE"
	never  = "FALSE"
)

func where(sql string, params ...any) cond { return cond{sql, params} }

func not(c cond) cond {
	switch c.sql {
	case always:
		return where(never)
	case never:
		return where(always)
	}
	return cond{"NOT (" + c.sql + ")", c.params}
}

func allOf(conds ...cond) cond { return join(conds, " AND ", always, never) }

func anyOf(conds ...cond) cond { return join(conds, " OR ", never, always) }

// join puts conditions together; neutral ones are left out and a deciding one
// decides.
func join(conds []cond, operator, neutral, deciding string) cond {
	var parts []string
	var params []any
	for _, c := range conds {
		switch c.sql {
		case deciding:
			return where(deciding)
		case neutral:
			continue
		}
		parts = append(parts, c.sql)
		params = append(params, c.params...)
	}
	switch len(parts) {
	case 0:
		return where(neutral)
	case 1:
		return cond{parts[0], params}
	}
	return cond{"(" + strings.Join(parts, operator) + ")", params}
}

// bounds enclose what a node of a filter matches: every record that it matches
// passes over, and it matches every record that passes under. Negation swaps
// them, so a node that SQL cannot express stays harmless anywhere in the tree.
type bounds struct {
	over, under cond
	exact       bool // they are the same
}

func exactly(c cond) bounds { return bounds{c, c, true} }

// atMost are the bounds of which only the outer one is known.
func atMost(c cond) bounds {
	if c.sql == never {
		return exactly(c)
	}
	return bounds{over: c, under: where(never)}
}

func unknown() bounds { return atMost(where(always)) }
