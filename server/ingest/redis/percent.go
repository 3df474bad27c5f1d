package redis

import (
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/weirlog/weir/record"
)

// Bounds of what a format may make of its arguments.
const (
	// maxWidth is far more than anybody aligns to, and keeps "%999999999d" from
	// costing a gigabyte.
	maxWidth = 4096
	// maxFormatted is as long as intake lets a record be: a format that names a long
	// argument a thousand times ends there.
	maxFormatted = 16 << 20
	// maxRead is how much of the arguments is turned into text or numbers, in bytes: a
	// precision can throw all of a long argument away, a million times. Without one, all
	// that is read is written.
	maxRead = maxFormatted
)

var (
	errTooLong = fmt.Errorf("the text would be longer than %d bytes", maxFormatted)
	errTooMuch = fmt.Errorf("the format reads more than %d bytes of its arguments", maxRead)
)

// formatArgs applies the arguments of a Python log call to its message, as the %
// operator does. args is a list, or an object for the names of %(name)s; anything
// else is one argument. The errors say what Python's would.
func formatArgs(format string, args slog.Value) (string, error) {
	f := formatter{in: format, single: args}
	switch list, ok := args.Any().([]slog.Value); {
	case ok:
		f.list, f.isList = list, true
	case args.Kind() == slog.KindGroup || isEmptyObject(args):
		f.named = true
	}
	if err := f.run(); err != nil {
		return "", err
	}
	return f.out.String(), nil
}

// formatter is one use of the % operator.
type formatter struct {
	in     string
	at     int
	out    strings.Builder
	single slog.Value   // the arguments as they are
	list   []slog.Value // the arguments one by one, when there is a list
	isList bool
	named  bool // single is an object
	next   int  // the first argument that is not used

	names map[string]slog.Value // single's members, once one was asked for
	read  int                   // bytes of arguments that were converted
}

// spec is one %-sequence.
type spec struct {
	name      string
	hasName   bool
	minus     bool
	plus      bool
	space     bool
	zero      bool
	alternate bool
	width     int
	precision int // -1: none
	verb      byte
}

func (f *formatter) run() error {
	for f.at < len(f.in) {
		percent := strings.IndexByte(f.in[f.at:], '%')
		if percent < 0 {
			f.out.WriteString(f.in[f.at:])
			break
		}
		f.out.WriteString(f.in[f.at : f.at+percent])
		f.at += percent + 1
		s, err := f.spec()
		if err != nil {
			return err
		}
		if s == (spec{precision: -1, verb: '%'}) {
			f.out.WriteByte('%')
			continue
		}
		if err := f.convert(s); err != nil {
			return err
		}
		if f.out.Len() > maxFormatted {
			return errTooLong
		}
	}
	left := f.isList && f.next < len(f.list) || !f.isList && !f.named && f.next == 0
	if left {
		return errors.New("not all arguments converted during string formatting")
	}
	return nil
}

var errIncomplete = errors.New("incomplete format")

// spec reads what is behind a percent sign.
func (f *formatter) spec() (spec, error) {
	s := spec{precision: -1}
	if f.peek() == '(' {
		name, err := f.name()
		if err != nil {
			return s, err
		}
		s.name, s.hasName = name, true
	}
	f.flags(&s)
	var err error
	if s.width, err = f.size(); err != nil {
		return s, err
	}
	if s.width < 0 { // a star with a negative argument
		s.minus, s.width = true, -s.width
	}
	if f.peek() == '.' {
		f.at++
		if s.precision, err = f.size(); err != nil {
			return s, err
		}
		s.precision = max(s.precision, 0)
	}
	if s.width > maxWidth || s.precision > maxWidth {
		return s, fmt.Errorf("a width or precision of more than %d", maxWidth)
	}
	if c := f.peek(); c == 'h' || c == 'l' || c == 'L' {
		f.at++ // C's lengths mean nothing in Python
	}
	if f.at >= len(f.in) {
		return s, errIncomplete
	}
	s.verb = f.in[f.at]
	f.at++
	return s, nil
}

func (f *formatter) peek() byte {
	if f.at < len(f.in) {
		return f.in[f.at]
	}
	return 0
}

// name reads (name), with balanced parentheses in it.
func (f *formatter) name() (string, error) {
	if !f.named {
		return "", errors.New("format requires a mapping")
	}
	depth := 0
	for i := f.at; i < len(f.in); i++ {
		switch f.in[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				name := f.in[f.at+1 : i]
				f.at = i + 1
				return name, nil
			}
		}
	}
	return "", errors.New("incomplete format key")
}

func (f *formatter) flags(s *spec) {
	for ; ; f.at++ {
		switch f.peek() {
		case '-':
			s.minus = true
		case '+':
			s.plus = true
		case ' ':
			s.space = true
		case '0':
			s.zero = true
		case '#':
			s.alternate = true
		default:
			return
		}
	}
}

// size reads a number, or takes one from the arguments for a star.
func (f *formatter) size() (int, error) {
	if f.peek() == '*' {
		f.at++
		v, err := f.take()
		if err != nil {
			return 0, err
		}
		n, ok := wholeNumber(v, false)
		if !ok || !n.IsInt64() {
			return 0, errors.New("* wants int")
		}
		return int(min(max(n.Int64(), -maxWidth-1), maxWidth+1)), nil
	}
	n := 0
	for ; f.peek() >= '0' && f.peek() <= '9'; f.at++ {
		if n = n*10 + int(f.peek()-'0'); n > maxWidth {
			n = maxWidth + 1
		}
	}
	return n, nil
}

// take returns the next argument.
func (f *formatter) take() (slog.Value, error) {
	if !f.isList {
		f.next++
		if f.next > 1 {
			return slog.Value{}, errTooFew
		}
		return f.single, nil
	}
	if f.next >= len(f.list) {
		return slog.Value{}, errTooFew
	}
	f.next++
	return f.list[f.next-1], nil
}

var errTooFew = errors.New("not enough arguments for format string")

// argument returns what a sequence is about.
func (f *formatter) argument(s spec) (slog.Value, error) {
	if !s.hasName {
		return f.take()
	}
	f.next = 1 // the object has had its use
	if f.names == nil {
		f.names = membersOf(f.single)
	}
	if v, ok := f.names[s.name]; ok {
		return v, nil
	}
	return slog.Value{}, fmt.Errorf("there is no argument %s", strconv.Quote(s.name))
}

// membersOf returns an object's members by their names: of several with one name the
// first.
func membersOf(object slog.Value) map[string]slog.Value {
	members := make(map[string]slog.Value)
	if object.Kind() != slog.KindGroup {
		return members
	}
	for _, a := range object.Group() {
		if _, ok := members[a.Key]; !ok {
			members[a.Key] = a.Value
		}
	}
	return members
}

// charge counts bytes of an argument that are converted.
func (f *formatter) charge(n int) error {
	if f.read += n; f.read > maxRead {
		return errTooMuch
	}
	return nil
}

func isEmptyObject(v slog.Value) bool { return v.Equal(record.EmptyObject()) }
