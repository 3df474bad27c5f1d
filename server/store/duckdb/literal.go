package duckdb

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode/utf8"
)

// literal is a text that every match of a regular expression has.
type literal struct {
	text   string
	folded bool // text is lower case, and what matches has it in any case
}

// literal returns what every match of re has and both engines find alike.
func (c compiler) literal(re *regexp.Regexp) literal {
	l := required(re)
	if l.folded {
		l.text = c.fold.longest(l.text)
	}
	return l
}

// literalIn says that a column, which is not null, contains a literal.
func literalIn(column string, l literal) cond {
	switch {
	case l.text == "":
		return where(always)
	case l.folded:
		return where("contains(lower("+column+"), ?)", l.text)
	}
	return where("contains("+column+", ?)", l.text)
}

// required returns the longest literal that every match of re has.
func required(re *regexp.Regexp) literal {
	tree, err := syntax.Parse(re.String(), syntax.Perl)
	if err != nil {
		return literal{} // it was compiled, so this cannot be; nothing is lost by it
	}
	return requiredBy(tree)
}

func requiredBy(re *syntax.Regexp) literal {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase != 0 {
			return literal{text: foldable(re.Rune), folded: true}
		}
		return literal{text: known(re.Rune)}
	case syntax.OpCapture, syntax.OpPlus:
		return requiredBy(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return requiredBy(re.Sub[0])
		}
	case syntax.OpConcat:
		var best literal
		for _, sub := range re.Sub {
			if l := requiredBy(sub); len(l.text) > len(best.text) {
				best = l
			}
		}
		return best
	}
	return literal{}
}

// foldable returns the longest part of which every rune's other cases have it as
// their lower case. That is ASCII without s: ſ matches s, but is its own lower
// case.
func foldable(runes []rune) string {
	return longestOf(strings.FieldsFunc(strings.ToLower(string(runes)), func(r rune) bool {
		return r >= utf8.RuneSelf || r == 's' || r == 0
	}))
}

// known returns the longest part without what a parameter of a statement cannot
// have, or texts that are not UTF-8 have in its place.
func known(runes []rune) string {
	return longestOf(strings.FieldsFunc(string(runes), func(r rune) bool {
		return r == utf8.RuneError || r == 0
	}))
}

func longestOf(parts []string) string {
	best := ""
	for _, p := range parts {
		if len(p) > len(best) {
			best = p
		}
	}
	return best
}
