package processor

import "strings"

// names is a tree of dotted names, each with a value. It does not change once made,
// so it may be read concurrently.
type names[T any] struct {
	named bool // a name ends here
	value T    // of that name
	below map[string]*names[T]
}

// add puts a name in; the last of equal names wins.
func (n *names[T]) add(name string, value T) {
	for part := range strings.SplitSeq(name, ".") {
		next := n.below[part]
		if next == nil {
			if n.below == nil {
				n.below = make(map[string]*names[T])
			}
			next = &names[T]{}
			n.below[part] = next
		}
		n = next
	}
	n.named, n.value = true, value
}

// at follows a key, which may be dotted itself, and returns nil when no name starts
// so.
func (n *names[T]) at(key string) *names[T] {
	for n != nil {
		part, rest, more := strings.Cut(key, ".")
		n = n.below[part]
		if !more {
			break
		}
		key = rest
	}
	return n
}

// within is at, but for a key that lies in what a name names it returns that name: user
// for user.plan.
func (n *names[T]) within(key string) *names[T] {
	for n != nil {
		part, rest, more := strings.Cut(key, ".")
		n = n.below[part]
		if !more || n != nil && n.named {
			break
		}
		key = rest
	}
	return n
}

// namesOf makes a tree of names without values.
func namesOf(list []string) *names[struct{}] {
	n := &names[struct{}]{}
	for _, name := range list {
		n.add(name, struct{}{})
	}
	return n
}
