package config

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/record"
)

// units are what a size is counted in: KB and its like are powers of 1000, KiB
// and its like of 1024.
var units = map[string]float64{
	"": 1, "B": 1,
	"KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
	"KIB": 1 << 10, "MIB": 1 << 20, "GIB": 1 << 30, "TIB": 1 << 40,
}

var errSize = errors.New("a size is a number of bytes, or one with a unit, as 16MiB (1024 * 1024) or 10MB (1000 * 1000)")

// parseSize reads a size in bytes: "4096", "16MiB", "10 MB", "1.5GiB", in any case.
// It fits into an int64.
func parseSize(text string) (int64, error) {
	text = strings.TrimSpace(text)
	end := strings.LastIndexAny(text, "0123456789.") + 1
	unit, ok := units[strings.ToUpper(strings.TrimSpace(text[end:]))]
	if !ok {
		if short := strings.ToUpper(strings.TrimSpace(text[end:])); short == "K" || short == "M" || short == "G" || short == "T" {
			return 0, fmt.Errorf("%q can mean two sizes: say %s%siB or %s%sB", text, text[:end], short, text[:end], short)
		}
		return 0, errSize
	}
	if n, err := strconv.ParseInt(text[:end], 10, 64); err == nil && unit == 1 {
		if n < 0 {
			return 0, errSize
		}
		return n, nil
	}
	if strings.Trim(text[:end], "0123456789.") != "" {
		return 0, errSize // ParseFloat knows more forms than people write sizes in
	}
	n, err := strconv.ParseFloat(text[:end], 64)
	if err != nil || n*unit >= math.MaxInt64 {
		return 0, errSize
	}
	return int64(math.Round(n * unit)), nil
}

// showSize is a size as people write it.
func showSize(n int64) string {
	for _, u := range [...]struct {
		name string
		size int64
	}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}} {
		if n >= u.size && n%u.size == 0 {
			return strconv.FormatInt(n/u.size, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}

// levelNames are the levels that messages offer.
var levelNames = []string{"trace", "debug", "info", "warn", "error", "fatal"}

// parseLevel reads a level: a name in any case with the usual aliases (WARNING,
// CRITICAL, E), with an offset (INFO+2).
func parseLevel(text string) (slog.Level, error) {
	level, err := weir.ParseLevel(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a level", text)
	}
	return level, nil
}

func showLevel(l slog.Level) string {
	severity := record.SeverityOf(int(l))
	name := strings.ToLower(severity.Level())
	if offset := (severity - 1) % 4; offset > 0 {
		return name + "+" + strconv.Itoa(int(offset))
	}
	return name
}

// splitLevels reads WEIR_LEVELS: names and levels, as app.db=debug,app.http=warn.
func splitLevels(text string) ([]Member, error) {
	var members []Member
	seen := make(map[string]bool)
	for _, entry := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' }) {
		if strings.TrimSpace(entry) == "" {
			continue
		}
		name, level, ok := strings.Cut(entry, "=")
		name, level = strings.TrimSpace(name), strings.TrimSpace(level)
		if !ok || name == "" || level == "" {
			return nil, fmt.Errorf("%q is not a logger's name, = and a level", strings.TrimSpace(entry))
		}
		if seen[name] {
			return nil, fmt.Errorf("the logger %q is there twice", name)
		}
		seen[name] = true
		members = append(members, Member{Key: name, Value: Node{Kind: KindText, Text: level}})
	}
	return members, nil
}
