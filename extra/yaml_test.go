package extra_test

import (
	"strings"
	"testing"

	"github.com/weirlog/weir/config"
	"github.com/weirlog/weir/extra"
)

func TestYAMLValues(t *testing.T) {
	n, err := extra.YAML().Decode([]byte(`# a comment
base: &base {a: 1, b: two}
merged:
  <<: *base
  b: three
list: [*base, ~, null, true, 1.5, 0x10, -3, "4", !!str 5, .inf]
text: |
  two
  lines
1: number as key
`))
	if err != nil {
		t.Fatal(err)
	}
	const want = `an object 
1: a text number as key
base: an object 
  a: a number 1
  b: a text two
list: a list 
  - an object 
    a: a number 1
    b: a text two
  - null 
  - null 
  - true or false true
  - a number 1.5
  - a number 16
  - a number -3
  - a text 4
  - a text 5
  - a number .inf
merged: an object 
  a: a number 1
  b: a text three
text: a text two
lines

`
	if got := text(plain(*n), ""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for _, empty := range []string{"", "# nothing\n", "---\n", "null\n"} {
		if n, err := extra.YAML().Decode([]byte(empty)); err != nil || n.Kind != config.KindNull {
			t.Errorf("%q: %v, %v", empty, n, err)
		}
	}
}

// A few bytes that stand for gigabytes, or that lie deep in each other, are refused.
func TestYAMLIsBounded(t *testing.T) {
	bomb := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c < 'j'; c++ {
		before := "*" + string(c-1)
		bomb += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat(before+", ", 10), ", ") + "]\n"
	}
	for name, text := range map[string]string{
		"bomb":     bomb,
		"brackets": strings.Repeat("[", 1<<20),
		"nested":   strings.Repeat("[", 900) + strings.Repeat("]", 900),
		"itself":   "a: &a [*a]\n",
		"dashes":   strings.Repeat("- ", 500) + "a\n",
	} {
		if _, err := extra.YAML().Decode([]byte(text)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
