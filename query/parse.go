package query

import (
	"time"
)

// parser reads a query by recursive descent:
//
//	either = all { "OR" all }
//	all    = not { ["AND"] not }
//	not    = ("NOT" | "-") not | "(" either ")" | term
type parser struct {
	s       string
	i       int
	now     time.Time
	depth   int // parentheses around the present place
	negated int // negations around it
	nodes   int
	err     *Error // the first error

	since, until time.Time
	bounded      bool // a bound on time was read,
	boundAt      int  // here
	split        bool // an OR stands outside all parentheses
}

func (p *parser) fail(at int, message string) {
	if p.err == nil {
		p.err = &Error{Offset: at, Message: message}
	}
	p.i = len(p.s)
}

func (p *parser) space() {
	for p.i < len(p.s) && isSpace(p.s[p.i]) {
		p.i++
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// count bounds the size of the tree.
func (p *parser) count(at int) {
	if p.nodes++; p.nodes > MaxQueryNodes {
		p.fail(at, "the query has more than 500 parts")
	}
}

// either reads alternatives; nil when there is nothing that restricts anything.
func (p *parser) either() Node {
	var nodes []Node
	for {
		at := p.i
		n, restricts := p.all()
		if p.err != nil {
			return nil
		}
		more := p.word("OR")
		p.split = p.split || more && p.depth == 0
		if (more || len(nodes) > 0) && !restricts {
			p.fail(at, "OR needs something to search for on both sides; put it in quotes to search for the word")
			return nil
		}
		if more || len(nodes) > 0 {
			if or, ok := n.(*Or); ok {
				nodes = append(nodes, or.Nodes...)
			} else {
				nodes = append(nodes, n)
			}
		}
		if !more {
			if len(nodes) == 0 {
				return n
			}
			p.count(at)
			return &Or{Nodes: nodes}
		}
	}
}

// all reads what must match together. restricts is false when that is nothing.
func (p *parser) all() (node Node, restricts bool) {
	var nodes []Node
	wanted := false // after AND
	for p.err == nil {
		p.space()
		at := p.i
		if p.i >= len(p.s) || p.s[p.i] == ')' || p.atWord("OR") {
			if wanted {
				p.fail(at, "AND needs something to search for on both sides; put it in quotes to search for the word")
			}
			break
		}
		if p.word("AND") {
			if wanted || len(nodes) == 0 && !p.bounded {
				p.fail(at, "AND needs something to search for on both sides; put it in quotes to search for the word")
			}
			wanted = true
			continue
		}
		wanted = false
		switch n := p.not().(type) {
		case nil:
		case *And:
			nodes = append(nodes, n.Nodes...)
		default:
			nodes = append(nodes, n)
		}
	}
	switch len(nodes) {
	case 0:
		return nil, false
	case 1:
		return nodes[0], true
	}
	p.count(p.i)
	return &And{Nodes: nodes}, true
}

// not reads one part, negated or not; nil when it restricts nothing.
func (p *parser) not() Node {
	at := p.i
	negations := 0
	for p.err == nil {
		if p.s[p.i:] == "" {
			break
		}
		if p.word("NOT") {
			negations++
			p.space()
			continue
		}
		if p.s[p.i] == '-' && p.i+1 < len(p.s) && !isSpace(p.s[p.i+1]) && p.s[p.i+1] != '-' && p.s[p.i+1] != ')' {
			negations++
			p.i++
			continue
		}
		break
	}
	if negations > 0 && (p.i >= len(p.s) || p.s[p.i] == ')' || p.atWord("OR") || p.atWord("AND")) {
		p.fail(at, "there is nothing after the negation; put it in quotes to search for it")
		return nil
	}
	p.negated += negations
	n := p.part()
	p.negated -= negations
	if p.err != nil {
		return nil
	}
	if negations > 0 && n == nil {
		p.fail(at, "this negates everything")
		return nil
	}
	if negations%2 == 0 {
		return n
	}
	if inner, ok := n.(*Not); ok {
		return inner.Node
	}
	p.count(at)
	return &Not{Node: n}
}

// part reads parentheses or a term.
func (p *parser) part() Node {
	if p.s[p.i] != '(' {
		return p.term()
	}
	open := p.i
	if p.depth++; p.depth > MaxQueryDepth {
		p.fail(open, "there are more than 50 parentheses inside each other")
		return nil
	}
	p.i++
	n := p.either()
	p.depth--
	if p.err != nil {
		return nil
	}
	p.space()
	if p.i >= len(p.s) {
		p.fail(open, "this ( has no ); put it in quotes to search for it")
		return nil
	}
	p.i++
	if n == nil {
		p.fail(open, "there is nothing between the parentheses; put them in quotes to search for them")
	}
	return n
}

// atWord reports whether an operator stands here, in capitals and alone.
func (p *parser) atWord(word string) bool {
	end := p.i + len(word)
	return end <= len(p.s) && p.s[p.i:end] == word && (end == len(p.s) || isSpace(p.s[end]) || p.s[end] == '(' || p.s[end] == ')')
}

// word moves behind the operator if it stands here.
func (p *parser) word(word string) bool {
	p.space()
	if !p.atWord(word) {
		return false
	}
	p.i += len(word)
	return true
}

func isOperatorWord(s string) bool { return s == "AND" || s == "OR" || s == "NOT" }
