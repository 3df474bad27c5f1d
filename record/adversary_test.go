package record_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/record"
)

// bearable is far more than any of the texts below takes, and far less than what
// work that grows with the square of their size would.
const bearable = 20 * time.Second

// repeatKeys writes an object of n keys, made by format from their number.
func repeatKeys(n int, format string) string {
	var b strings.Builder
	for i := range n {
		b.WriteByte(',')
		fmt.Fprintf(&b, format, i)
	}
	return "{" + b.String()[1:] + "}"
}

func TestHostileRecordsCostLittle(t *testing.T) {
	const size = 1 << 20
	twice := repeatKeys(9999, `"k%d":1`)
	taken := repeatKeys(9000, `"_conflict.a_%d":1`)
	invalid := strings.NewReplacer("0", "\xf0", "1", "\xf1", "2", "\xf2", "3", "\xf3", "4", "\xf4", "5", "\xf5", "6", "\xf6", "7", "\xf7", "8", "\xf8", "9", "\xf9")
	for name, in := range map[string]string{
		"brackets":           `{"a":` + strings.Repeat("[", size) + strings.Repeat("]", size) + "}",
		"objects":            `{"a":` + strings.Repeat(`{"a":`, size/5) + "1" + strings.Repeat("}", size/5) + "}",
		"keys":               repeatKeys(size/10, `"k%d":1`),
		"equal keys":         repeatKeys(size/10, `"a":%d`),
		"reserved keys":      repeatKeys(size/10, `"_rest":"%d"`),
		"conflicts":          twice[:len(twice)-1] + `,"metadata":` + strings.ReplaceAll(twice, ":1", ":2") + "}",
		"conflicts of those": taken[:len(taken)-1] + `,"a":1,"metadata":{"a":2}}`,
		"NUL":                `{"message":"` + strings.Repeat(`\u0000`, size/6) + `"}`,
		"digits":             `{"a":` + strings.Repeat("9", size) + "}",
		"exponent":           `{"a":1e` + strings.Repeat("9", size) + "}",
		"keys made equal":    invalid.Replace(repeatKeys(9999, `"k%04d":true`)),
	} {
		start := time.Now()
		r, _, err := record.ParseJSON([]byte(in), record.ParseOptions{Aliases: true})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		record.Normalize(&r)
		record.AppendJSON(nil, &r)
		if took := time.Since(start); took > bearable {
			t.Errorf("%s: %v", name, took)
		}
	}
}

func TestHostileStreamsCostLittle(t *testing.T) {
	const lines = 200_000
	for _, line := range []string{"{\n", "[\n", "{\"a\":1,\n", "[x\n", "[\"\n", "[1,\n", "{\"a\":\"\n", "[[1],\n"} {
		start := time.Now()
		readAll(strings.NewReader(strings.Repeat(line, lines)), 0)
		if took := time.Since(start); took > bearable {
			t.Errorf("%q: %v", line, took)
		}
	}
}
