package view

// As finds an optional ability (a [Counter], say) of a backend or searcher: its
// own, or that of what it wraps, told by a method Unwrap() any.
func As[T any](v any) (ability T, ok bool) {
	for v != nil {
		if ability, ok = v.(T); ok {
			return ability, true
		}
		w, wraps := v.(interface{ Unwrap() any })
		if !wraps {
			break
		}
		v = w.Unwrap()
	}
	return ability, false
}
