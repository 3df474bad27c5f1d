package query

import (
	"strings"
	"unicode"
)

// String prints the filter in its canonical form; Parse reads it back to an equal
// filter.
func (f *Filter) String() string {
	if f == nil {
		return ""
	}
	var parts []string
	if !f.Since.IsZero() {
		parts = append(parts, "since:"+timeText(f.Since))
	}
	if !f.Until.IsZero() {
		parts = append(parts, "until:"+timeText(f.Until))
	}
	if f.root != nil {
		var b strings.Builder
		_, alternatives := f.root.(*Or)
		printNode(&b, f.root, alternatives && len(parts) > 0)
		parts = append(parts, b.String())
	}
	return strings.Join(parts, " ")
}

// printNode prints a node, in parentheses when it stands where a list would be
// taken apart.
func printNode(b *strings.Builder, node Node, inside bool) {
	switch n := node.(type) {
	case *And:
		printList(b, n.Nodes, " ", inside)
	case *Or:
		printList(b, n.Nodes, " OR ", inside)
	case *Not:
		b.WriteByte('-')
		printNode(b, n.Node, true)
	case *Text:
		b.WriteString(printValue(n.Value, true))
	case *Compare:
		printCompare(b, n)
	}
}

func printList(b *strings.Builder, nodes []Node, separator string, inside bool) {
	if inside {
		b.WriteByte('(')
	}
	for i, n := range nodes {
		if i > 0 {
			b.WriteString(separator)
		}
		printNode(b, n, true)
	}
	if inside {
		b.WriteByte(')')
	}
}

func printCompare(b *strings.Builder, c *Compare) {
	if c.Op == Exists {
		b.WriteString("has:")
		b.WriteString(printValue(c.Field, false))
		return
	}
	if isName(c.Field) && !isKeyword(c.Field) {
		b.WriteString(c.Field)
	} else {
		b.WriteString(quote(c.Field))
	}
	switch c.Op {
	case Equal:
		b.WriteString(":" + printValue(c.Value, false))
	case Prefix:
		b.WriteString(":" + printValue(c.Value, false) + "*")
	case Regexp:
		b.WriteString(":/" + escapeSlashes(c.Value) + "/")
	case Less:
		b.WriteString("<" + printValue(c.Value, false))
	case AtMost:
		b.WriteString("<=" + printValue(c.Value, false))
	case Greater:
		b.WriteString(">" + printValue(c.Value, false))
	case AtLeast:
		b.WriteString(">=" + printValue(c.Value, false))
	case Range:
		b.WriteByte(':')
		if c.Value != "" {
			b.WriteString(printValue(c.Value, false))
		}
		b.WriteString("..")
		if c.High != "" {
			b.WriteString(printValue(c.High, false))
		}
	}
}

// printValue prints a value, in quotes unless nothing in it can be taken for
// something else. word says that it stands alone, without a field.
func printValue(value string, word bool) string {
	plain := value != "" && !strings.Contains(value, "..") && value[0] != '-' && value[0] != '.' && value[len(value)-1] != '.'
	for _, r := range value {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.@+,;", r) && (word || r != ':') {
			plain = false
		}
	}
	if r := []rune(value); plain && !word && r[0] == ':' {
		plain = false
	}
	if !plain || word && isOperatorWord(value) {
		return quote(value)
	}
	return value
}

func quote(value string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
}

// escapeSlashes puts a backslash before each slash that has none.
func escapeSlashes(re string) string {
	var b strings.Builder
	for i := 0; i < len(re); i++ {
		switch {
		case re[i] == '\\' && i+1 < len(re):
			b.WriteByte(re[i])
			i++
			b.WriteByte(re[i])
			continue
		case re[i] == '/':
			b.WriteByte('\\')
		}
		b.WriteByte(re[i])
	}
	return b.String()
}
