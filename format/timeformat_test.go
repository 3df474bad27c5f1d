package format_test

import (
	"strings"
	"testing"
	"time"

	"github.com/weirlog/weir/format"
)

// TestTimeFormat: what Python's strftime writes for the same times.
func TestTimeFormat(t *testing.T) {
	f, err := format.ParseTimeFormat("%Y %m %d %H %M %S %f %z %j %a %A %b %B %p %I %y %X %x %c %%")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2024, 1, 1, 0, 5, 9, 123_456_000, time.UTC), "2024 01 01 00 05 09 123456 +0000 001 Mon Monday Jan January AM 12 24 00:05:09 01/01/24 Mon Jan  1 00:05:09 2024 %"},
		{time.Date(2026, 11, 20, 15, 4, 5, 7000, time.FixedZone("", -19800)), "2026 11 20 15 04 05 000007 -0530 324 Fri Friday Nov November PM 03 26 15:04:05 11/20/26 Fri Nov 20 15:04:05 2026 %"},
		{time.Date(1999, 12, 31, 12, 0, 0, 999_999_999, time.UTC), "1999 12 31 12 00 00 999999 +0000 365 Fri Friday Dec December PM 12 99 12:00:00 12/31/99 Fri Dec 31 12:00:00 1999 %"},
	} {
		if got := string(f.Append(nil, c.at)); got != c.want {
			t.Errorf("\n%s\n%s", got, c.want)
		}
	}
	for at, want := range map[time.Time]string{
		time.Date(7, 1, 1, 0, 0, 0, 0, time.UTC):     "0007 07 UTC",
		time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC): "12026 26 UTC",
		time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC):    "-5 95 UTC",
	} {
		f, err := format.ParseTimeFormat("%Y %y %Z")
		if err != nil {
			t.Fatal(err)
		}
		if got := string(f.Append(nil, at)); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestTimeFormatErrors(t *testing.T) {
	for directives, want := range map[string]string{
		"":        "time format is empty",
		"%Y %":    "at 3: the directive after % is missing",
		"%Y-%Q":   `at 3: there is no directive "%Q"; there are %Y %m`,
		"%-d":     `there is no directive "%-"`,
		"a %é %Y": `at 2: there is no directive "%é"`,
		"% ":      `there is no directive "% "`,
	} {
		if _, err := format.ParseTimeFormat(directives); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", directives, err)
		}
	}
}

// FuzzTimeFormat: a format is refused or written; without directives it is itself.
func FuzzTimeFormat(f *testing.F) {
	f.Add("%Y-%m-%d %H:%M:%S.%f %z %Z", int64(1_700_000_000))
	f.Add("%%%", int64(-1))
	f.Add("%é", int64(1)<<40)
	f.Fuzz(func(t *testing.T, directives string, seconds int64) {
		parsed, err := format.ParseTimeFormat(directives)
		if err != nil {
			return
		}
		got := string(parsed.Append([]byte("x"), time.Unix(seconds, 0).UTC()))
		if !strings.HasPrefix(got, "x") {
			t.Fatalf("%q: lost what was there", directives)
		}
		if !strings.Contains(directives, "%") && got != "x"+directives {
			t.Errorf("%q: %q", directives, got)
		}
	})
}
