package record

import "strings"

// Members calls member with each top-level key of one JSON object and the bytes
// of its value, which are part of data, until member returns false. It checks the
// syntax of what it walks over, by ParseJSON's rules, and decodes nothing but the
// keys. The error is a *SyntaxError when data is not one JSON object.
func Members(data []byte, member func(key string, value []byte) bool) error {
	p := parser{scanner: scanner{s: view(data)}} // only the keys outlive the call, as copies
	if p.peek() != '{' {
		p.failHere("an object")
		return p.err
	}
	stopped := false
	ok := p.members(func(key string, _ int) bool {
		from := p.i
		if !p.skip() {
			return false
		}
		stopped = !member(strings.Clone(key), data[from:p.i])
		return !stopped
	})
	if stopped || ok && p.end("object") {
		return nil
	}
	return p.err
}

// Elements calls element with the bytes of each element of one JSON array, which
// are part of data, until element returns false. The error is a *SyntaxError when
// data is not one JSON array.
func Elements(data []byte, element func(value []byte) bool) error {
	p := scanner{s: view(data)}
	if p.peek() != '[' {
		p.failHere("an array")
		return p.err
	}
	p.i++
	if p.peek() == ']' {
		p.i++
		p.end("array")
		return p.error()
	}
	for {
		p.space()
		from := p.i
		if !p.skip() {
			return p.err
		}
		if !element(data[from:p.i]) {
			return nil
		}
		switch p.peek() {
		case ',':
			p.i++
		case ']':
			p.i++
			p.end("array")
			return p.error()
		default:
			p.failHere("a comma or ]")
			return p.err
		}
	}
}

// error returns the first error as an interface that is nil when there is none.
func (p *scanner) error() error {
	if p.err == nil {
		return nil
	}
	return p.err
}
