package extra

import (
	"errors"

	"github.com/weirlog/weir/config"
)

// maxBrackets leaves room for brackets in texts, which need no partner.
const maxBrackets = 1000

// checkNesting refuses lists and tables that lie too deep in each other, before a
// parser sees them, which takes a stack frame and more for each.
func checkNesting(data []byte) error {
	line, depth := 1, 0
	for _, c := range data {
		switch c {
		case '\n':
			line++
		case '[', '{':
			if depth++; depth > maxBrackets {
				return &config.SyntaxError{Line: line, Err: errors.New("too many brackets are open")}
			}
		case ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return nil
}
