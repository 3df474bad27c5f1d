package processor

// recent remembers a value for each of a bounded number of keys, in an order that its
// user decides by renew. Who adds to a full one removes the oldest first.
type recent[V any] struct {
	max   int
	byKey map[key]*node[V]
	ends  node[V] // next is the oldest, prev the newest
}

type node[V any] struct {
	next, prev *node[V]
	key        key
	value      V
}

func newRecent[V any](max int) *recent[V] {
	if max <= 0 {
		max = DefaultMaxKeys
	}
	t := &recent[V]{max: max, byKey: make(map[key]*node[V])}
	t.ends.next, t.ends.prev = &t.ends, &t.ends
	return t
}

func (t *recent[V]) get(k key) *node[V] { return t.byKey[k] }

func (t *recent[V]) full() bool { return len(t.byKey) >= t.max }

// oldest returns nil when there is none.
func (t *recent[V]) oldest() *node[V] {
	if t.ends.next == &t.ends {
		return nil
	}
	return t.ends.next
}

func (t *recent[V]) add(k key) *node[V] {
	n := &node[V]{key: k}
	t.byKey[k] = n
	t.link(n)
	return n
}

// renew makes n the newest.
func (t *recent[V]) renew(n *node[V]) {
	if t.ends.prev != n {
		t.unlink(n)
		t.link(n)
	}
}

func (t *recent[V]) remove(n *node[V]) {
	delete(t.byKey, n.key)
	t.unlink(n)
}

func (t *recent[V]) link(n *node[V]) {
	n.prev, n.next = t.ends.prev, &t.ends
	n.prev.next, n.next.prev = n, n
}

func (t *recent[V]) unlink(n *node[V]) {
	n.prev.next, n.next.prev = n.next, n.prev
}
