package config

import (
	"fmt"
	"strconv"
)

// Kind is what a Node is.
type Kind uint8

// The kinds of nodes.
const (
	KindNull   Kind = iota // as good as absent
	KindText               // a string
	KindNumber             // a number; Text holds its digits
	KindBool               // Text is "true" or "false"
	KindList               // Items
	KindObject             // Members
)

// String returns the kind's name for people.
func (k Kind) String() string {
	switch k {
	case KindText:
		return "a text"
	case KindNumber:
		return "a number"
	case KindBool:
		return "true or false"
	case KindList:
		return "a list"
	case KindObject:
		return "an object"
	}
	return "null"
}

// Node is one value of a settings file, as a Decoder reads it.
type Node struct {
	Kind    Kind
	Text    string
	Items   []Node
	Members []Member

	// Line and Column say where the value stands, from 1; 0 when the decoder does not know.
	Line, Column int
	// Origin is where the value comes from when that is not the file: the name of an
	// environment variable. Decoders leave it empty.
	Origin string
}

// Member is one key of an object, with its value. Line and Column are the key's.
type Member struct {
	Key          string
	Line, Column int
	Value        Node
}

// find returns the value of a key; nil when it is absent or null.
func (n *Node) find(key string) *Node {
	for i := range n.Members {
		if n.Members[i].Key == key && n.Members[i].Value.Kind != KindNull {
			return &n.Members[i].Value
		}
	}
	return nil
}

// put sets a key of an object.
func (n *Node) put(key string, value Node) *Node {
	for i := range n.Members {
		if n.Members[i].Key == key {
			n.Members[i].Value = value
			return &n.Members[i].Value
		}
	}
	n.Members = append(n.Members, Member{Key: key, Line: value.Line, Column: value.Column, Value: value})
	return &n.Members[len(n.Members)-1].Value
}

// object returns the object below key, and makes one when there is none. A value
// of another kind stays, and nil is returned.
func (n *Node) object(key string) *Node {
	if v := n.find(key); v != nil {
		if v.Kind != KindObject {
			return nil
		}
		return v
	}
	return n.put(key, Node{Kind: KindObject})
}

// show is the value as messages quote it, at most maxShown bytes of it.
func (n *Node) show() string {
	switch n.Kind {
	case KindText:
		text := n.Text
		if len(text) > maxShown {
			text = text[:maxShown] + "..."
		}
		return strconv.Quote(text)
	case KindNumber, KindBool:
		return n.Text
	}
	return n.Kind.String()
}

// maxShown keeps a file that was given as a value by mistake out of messages.
const maxShown = 80

// SyntaxError is a Decoder's error with a place.
type SyntaxError struct {
	Line, Column int // from 1; 0 when unknown
	Err          error
}

// Error returns the cause; whoever shows it puts the place before it.
func (e *SyntaxError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *SyntaxError) Unwrap() error { return e.Err }

// place is where something stands, for people.
func place(file string, line, column int) string {
	switch {
	case file == "" && line > 0:
		return fmt.Sprintf("line %d:%d", line, column)
	case line == 0:
		return file
	case column == 0:
		return fmt.Sprintf("%s:%d", file, line)
	}
	return fmt.Sprintf("%s:%d:%d", file, line, column)
}
