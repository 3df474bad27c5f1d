package processor_test

import (
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/weirlog/weir/processor"
)

// C14. filter_markup, ko-log's cases.
func TestFilterMarkup(t *testing.T) {
	p := processor.StripMarkup(processor.StripOptions{Rich: true})
	for _, c := range []struct{ name, message, want string }{
		{"simple", "Hello [bold]world[/bold]!", "Hello world!"},
		{"nested", "[bold]Hello [italic]beautiful[/italic] world[/bold]!", "Hello beautiful world!"},
		{"self closing", "Processing [br/] complete", "Processing  complete"},
		{"tags that are none", "[INFO] [2024-01-01] [user=admin] Action performed", "   Action performed"},
		{"missing event", "", ""},
		{"none", "Hello", "Hello"},
		{"unclosed", "a [b", "a [b"},
		{"twice opened", "a [[b] c] d", "a  c] d"},
		{"empty", "a[]b[/]c", "abc"},
		{"what Redact put there", "[bold]key [REDACTED][/bold] [link=http://[REDACTED]@host]x", "key [REDACTED] [REDACTED]@host]x"},
	} {
		if got := one(t, p, info(c.message)).Message; got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := one(t, processor.StripMarkup(processor.StripOptions{}), info("[bold]a")).Message; got != "[bold]a" {
		t.Errorf("tags removed without Rich: %q", got)
	}
}

func TestStripTerminalControl(t *testing.T) {
	p := processor.StripMarkup(processor.StripOptions{})
	for _, c := range []struct{ text, want string }{
		{"plain\n\ttext é 日本 \u00a0", "plain\n\ttext é 日本 \u00a0"},
		{"\x1b[31mred\x1b[0m", "red"},
		{"\x1b[38;2;1;2;3mtrue\x1b[m \x1b[2J\x1b[1;1H", "true "},
		{"\u009b31mred", "red"},
		{"\x1b]0;title\x07text", "text"},
		{"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"},
		{"\x1b]0;not ended", "0;not ended"},
		{"\x1b]0;not ended\nnext", "0;not ended\nnext"},
		{"\x1bPq#0\x1b\\after", "after"},
		{"\x1b(Bascii\x1b7\x1bc", "ascii"},
		{"bell\x07 back\b\x7f return\r\nline", "bell back return\nline"},
		{"at the end \x1b", "at the end "},
		{"cut \x1b[31", "cut 31"},
		{"cut \x1b(", "cut "},
		{"é\x1bé", "éé"},
		{"nul \x00", "nul "},
		{"\xff\x9b bytes", "\xff\x9b bytes"},
	} {
		r := one(t, p, info(c.text, slog.String("a", c.text), user(slog.Any("l", []slog.Value{slog.IntValue(1), slog.StringValue(c.text)}))))
		inGroup := r.Attrs[1].Value.Group()[0].Value.Any().([]slog.Value)[1].String()
		if r.Message != c.want || r.Attrs[0].Value.String() != c.want || inGroup != c.want {
			t.Errorf("%q: %q, %q, %q, want %q", c.text, r.Message, r.Attrs[0].Value, inGroup, c.want)
		}
	}
}

// FuzzStripMarkup: nothing is left that a terminal acts on, and the tags are those that
// the expression of ko-log's filter_markup matches.
func FuzzStripMarkup(f *testing.F) {
	f.Add("\x1b[31mred\x1b]0;x\x07 [bold]\u009b1m")
	f.Add("[[a]\x1b]")
	tags := regexp.MustCompile(`\[/?[^\]]*\]`)
	f.Fuzz(func(t *testing.T, text string) {
		plain := one(t, processor.StripMarkup(processor.StripOptions{}), info(text)).Message
		for i, c := range plain {
			if c < ' ' && c != '\n' && c != '\t' || c >= 0x7F && c < 0xA0 {
				t.Errorf("%q is left at %d of %q", c, i, plain)
			}
		}
		if utf8.ValidString(text) && !utf8.ValidString(plain) {
			t.Errorf("%q became invalid: %q", text, plain)
		}
		if rich := one(t, processor.StripMarkup(processor.StripOptions{Rich: true}), info(text)).Message; rich != tags.ReplaceAllString(plain, "") {
			t.Errorf("tags of %q: %q", plain, rich)
		}
		if !strings.ContainsAny(text, "\x1b\u009b\u009d\u0090") && len(plain) < len(strings.Map(func(c rune) rune {
			if c < ' ' && c != '\n' && c != '\t' || c >= 0x7F && c < 0xA0 {
				return -1
			}
			return c
		}, strings.ToValidUTF8(text, ""))) {
			t.Errorf("%q lost more than controls: %q", text, plain)
		}
	})
}
