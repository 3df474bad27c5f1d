package format

import (
	"fmt"
	"strconv"
	"strings"
)

// Style is how a terminal shows a part of a line. The zero value is plain.
type Style struct {
	escape string // the whole sequence that switches it on
}

const resetStyle = "\x1b[0m"

// The words of a style, in the order in which errors list them.
var (
	styleColors = []string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "grey"}
	styleWords  = []struct{ name, code string }{
		{"bold", "1"}, {"dim", "2"}, {"italic", "3"}, {"underline", "4"}, {"blink", "5"}, {"reverse", "7"}, {"strike", "9"},
	}
)

// ParseStyle reads a style: any of bold, dim, italic, underline, blink, reverse and
// strike, a colour, and on with the background's colour, as "bold white on red". A
// colour is black, red, green, yellow, blue, magenta, cyan, white or grey, one of
// these after bright_, a number of the terminal's 256, or #rrggbb. An empty text is
// plain.
func ParseStyle(text string) (Style, error) {
	var codes []string
	ground := 30
	words := strings.Fields(strings.ToLower(text))
	for i, word := range words {
		if word == "on" && ground == 30 && i+1 < len(words) {
			ground = 40
			continue
		}
		if code, ok := wordCode(word); ok && ground == 30 {
			codes = append(codes, code)
			continue
		}
		code, ok := colorCode(word, ground)
		if !ok {
			return Style{}, fmt.Errorf("style %q: %q is no part of a style: use bold, dim, italic, underline, blink, reverse, strike, a colour (%s, bright_red …, 0 to 255, #rrggbb), or on and a colour",
				text, word, strings.Join(styleColors, ", "))
		}
		codes = append(codes, code)
	}
	if len(codes) == 0 {
		return Style{}, nil
	}
	return Style{escape: "\x1b[" + strings.Join(codes, ";") + "m"}, nil
}

func wordCode(word string) (string, bool) {
	for _, w := range styleWords {
		if w.name == word {
			return w.code, true
		}
	}
	return "", false
}

// colorCode returns a colour's code; ground is 30 for the text, 40 for what is
// behind it.
func colorCode(word string, ground int) (string, bool) {
	name, bright := strings.CutPrefix(word, "bright_")
	if name == "gray" {
		name = "grey"
	}
	for i, c := range styleColors {
		if c != name {
			continue
		}
		if c == "grey" { // bright black
			i, bright = 0, true
		}
		if bright {
			i += 60
		}
		return strconv.Itoa(ground + i), true
	}
	if hex, ok := strings.CutPrefix(word, "#"); ok && len(hex) == 6 {
		n, err := strconv.ParseUint(hex, 16, 32)
		return fmt.Sprintf("%d;2;%d;%d;%d", ground+8, n>>16, n>>8&255, n&255), err == nil
	}
	n, err := strconv.ParseUint(word, 10, 8)
	return fmt.Sprintf("%d;5;%d", ground+8, n), err == nil
}
