package config

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Text returns a text.
func (s *Section) Text(key, fallback string) string {
	n := s.of(key, KindText, "")
	if n == nil {
		s.note(key, fallback, nil)
		return fallback
	}
	s.note(key, n.Text, n)
	return n.Text
}

// Secret returns a text that no message and no listing shows.
func (s *Section) Secret(key string) string {
	s.secret = append(s.secret, key)
	n := s.find(key)
	if n == nil {
		return ""
	}
	if n.Kind != KindText {
		s.refuseValue(n, s.join(key), "a secret is a text", "", nil)
		return ""
	}
	s.note(key, hidden, n)
	return n.Text
}

// Choice returns one of some texts, compared without regard to case, - and _.
func (s *Section) Choice(key, fallback string, choices ...string) string {
	n := s.of(key, KindText, "one of "+strings.Join(choices, ", "))
	if n == nil {
		s.note(key, fallback, nil)
		return fallback
	}
	for _, c := range choices {
		if plain(c) == plain(n.Text) {
			s.note(key, c, n)
			return c
		}
	}
	s.refuse(n, s.join(key), n.show()+" is not one of "+strings.Join(choices, ", "), nearestHint(n.Text, choices))
	return fallback
}

// Texts returns a list of texts.
func (s *Section) Texts(key string) []string {
	n := s.of(key, KindList, `a list of texts, as ["a", "b"]`)
	if n == nil {
		return nil
	}
	out := make([]string, 0, len(n.Items))
	for i := range n.Items {
		if item := &n.Items[i]; item.Kind == KindText {
			out = append(out, item.Text)
		} else {
			s.refuse(item, s.join(key)+"["+strconv.Itoa(i)+"]", item.show()+" is not a text", "")
		}
	}
	s.note(key, strings.Join(out, ", "), n)
	return out
}

// Bool returns true or false. A variable of the environment may also say 1, 0,
// yes, no, on, off.
func (s *Section) Bool(key string, fallback bool) bool {
	n := s.of(key, KindBool, "write true or false, without quotes")
	if n == nil {
		s.note(key, strconv.FormatBool(fallback), nil)
		return fallback
	}
	value, ok := parseBool(n.Text)
	if !ok {
		s.refuse(n, s.join(key), n.show()+" is not true or false", "true, yes, on and 1 turn it on; false, no, off and 0 off")
		return fallback
	}
	s.note(key, strconv.FormatBool(value), n)
	return value
}

// optionalBool is Bool for a key that is not worth listing when it is absent.
func (s *Section) optionalBool(key string) bool { return s.Has(key) && s.Bool(key, false) }

func parseBool(text string) (value, ok bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "yes", "on", "1":
		return true, true
	case "false", "no", "off", "0":
		return false, true
	}
	return false, false
}

// Int returns a whole number that is least or more.
func (s *Section) Int(key string, fallback, least int) int {
	n := s.of(key, KindNumber, "write the number without quotes")
	if n == nil {
		s.note(key, strconv.Itoa(fallback), nil)
		return fallback
	}
	value, err := strconv.Atoi(strings.TrimSpace(n.Text))
	switch {
	case err != nil:
		s.refuse(n, s.join(key), n.Text+" is not a whole number", "")
		return fallback
	case value < least:
		s.refuse(n, s.join(key), fmt.Sprintf("%d is less than %d, the least", value, least), "")
		return fallback
	}
	s.note(key, strconv.Itoa(value), n)
	return value
}

// intBetween is Int with a greatest value.
func (s *Section) intBetween(key string, fallback, least, most int) int {
	value := s.Int(key, fallback, least)
	if value > most {
		s.Refuse(key, fmt.Sprintf("%d is more than %d, the most", value, most), "")
		return fallback
	}
	return value
}

// Float returns a number from least to most.
func (s *Section) Float(key string, fallback, least, most float64) float64 {
	n := s.of(key, KindNumber, "write the number without quotes")
	if n == nil {
		s.note(key, strconv.FormatFloat(fallback, 'g', -1, 64), nil)
		return fallback
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(n.Text), 64)
	if err != nil || !(value >= least && value <= most) {
		s.refuse(n, s.join(key), fmt.Sprintf("%s is not a number from %g to %g", n.Text, least, most), "")
		return fallback
	}
	s.note(key, strconv.FormatFloat(value, 'g', -1, 64), n)
	return value
}

// Size returns a size in bytes, as 16MiB, 10MB or a plain number.
func (s *Section) Size(key string, fallback, least int64) int64 {
	n := s.find(key)
	if n == nil {
		s.note(key, showSize(fallback), nil)
		return fallback
	}
	err := errSize
	var value int64
	if n.Kind == KindText || n.Kind == KindNumber {
		value, err = parseSize(n.Text)
	}
	switch {
	case err != nil:
		s.refuse(n, s.join(key), n.show()+" is not a size", err.Error())
		return fallback
	case value < least:
		s.refuse(n, s.join(key), n.show()+" is less than "+showSize(least)+", the least", "")
		return fallback
	}
	s.note(key, showSize(value), n)
	return value
}

// bytes is Size for what is kept in memory.
func (s *Section) bytes(key string, fallback, least int) int {
	n := s.Size(key, int64(fallback), int64(least))
	if n > math.MaxInt {
		s.Refuse(key, showSize(n)+" is more than this machine can address", "")
		return fallback
	}
	return int(n)
}

// Duration returns a duration that is not negative, as 5s, 1h30m or 250ms.
func (s *Section) Duration(key string, fallback time.Duration) time.Duration {
	n := s.find(key)
	if n == nil {
		s.note(key, showDuration(fallback), nil)
		return fallback
	}
	value, err := time.Duration(0), error(nil)
	if n.Kind == KindText {
		value, err = parseDuration(n.Text)
	}
	switch {
	case n.Kind == KindNumber && n.Text != "0":
		s.refuse(n, s.join(key), n.Text+" has no unit", `write "`+n.Text+`s" for seconds, or 250ms, 5m, 1h30m, 7d`)
	case n.Kind != KindText && n.Kind != KindNumber, err != nil:
		s.refuse(n, s.join(key), n.show()+" is not a duration", "it is written as 250ms, 5s, 1h30m or 7d")
	case value < 0:
		s.refuse(n, s.join(key), n.show()+" is negative", "")
	default:
		s.note(key, showDuration(value), n)
		return value
	}
	return fallback
}

// parseDuration is time.ParseDuration that knows whole days too: 7d.
func parseDuration(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16) // 65,535 days fit into a Duration
		if err != nil {
			return 0, fmt.Errorf("%q is not a number of days", text)
		}
		return time.Duration(n) * 24 * time.Hour, nil
	}
	return time.ParseDuration(text)
}

// showDuration leaves out the parts that are zero: 1h, not 1h0m0s.
func showDuration(d time.Duration) string {
	if d >= 24*time.Hour && d%(24*time.Hour) == 0 {
		return strconv.FormatInt(int64(d/(24*time.Hour)), 10) + "d"
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// oneOf reports whether any of the keys is set.
func (s *Section) oneOf(keys ...string) bool { return slices.ContainsFunc(keys, s.Has) }
