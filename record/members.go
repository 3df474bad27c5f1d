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
	if ok, stopped := p.elements(data, element); ok && !stopped {
		p.end("array")
	}
	return p.error()
}

// MemberElements does in one pass what Members and Elements do in two: it calls element
// with the bytes of each element of the array that one JSON object has under key, until
// element returns false. Nobody has looked yet at what comes behind an element: who must
// know that all of data is well-formed keeps what it gets until MemberElements is done.
//
// only says that these were all elements under key, or all until element returned false.
// It is not so when the object has no such member, one that is no array, or several, of
// which element gets those of the first array; Members finds the others. The error is
// the one of Members.
func MemberElements(data []byte, key string, element func(value []byte) bool) (only bool, err error) {
	p := parser{scanner: scanner{s: view(data)}}
	if p.peek() != '{' {
		p.failHere("an object")
		return false, p.err
	}
	members, walked, stopped := 0, false, false
	ok := p.members(func(name string, _ int) (ok bool) {
		if name == key {
			members++
		}
		if name != key || walked || p.peek() != '[' {
			return p.skip()
		}
		walked = true
		ok, stopped = p.elements(data, element)
		return ok && !stopped
	})
	if stopped || ok && p.end("object") {
		return walked && members == 1, nil
	}
	return false, p.err
}

// elements calls element with each element of the array at the present bracket, and
// moves behind the array unless element stopped it.
func (p *scanner) elements(data []byte, element func(value []byte) bool) (ok, stopped bool) {
	p.i++
	if p.peek() == ']' {
		p.i++
		return true, false
	}
	for {
		p.space()
		from := p.i
		if !p.skip() {
			return false, false
		}
		if !element(data[from:p.i]) {
			return true, true
		}
		switch p.peek() {
		case ',':
			p.i++
		case ']':
			p.i++
			return true, false
		default:
			return p.failHere("a comma or ]"), false
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
