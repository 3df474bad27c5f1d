package query

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"math"

	"github.com/weirlog/weir/record"
)

// number is a number of a query; ok is false when the text is none.
type number struct {
	ok      bool
	value   slog.Value // int64, uint64, float64 or json.Number
	decimal record.Decimal
}

func parseNumber(text string) (n number) {
	if n.value, n.ok = record.ParseNumber(text); n.ok {
		n.decimal, _ = record.ParseDecimal(text)
	}
	return n
}

// exactFloat is up to where float64 holds every integer.
const exactFloat = 1 << 53

// compareNumber compares a record's value with a number; ok is false when the
// value is not a finite number.
func compareNumber(v slog.Value, n *number) (order int, ok bool) {
	switch v.Kind() {
	case slog.KindInt64:
		i := v.Int64()
		if n.value.Kind() == slog.KindInt64 {
			return cmp.Compare(i, n.value.Int64()), true
		}
		if n.value.Kind() == slog.KindFloat64 && i >= -exactFloat && i <= exactFloat {
			return cmp.Compare(float64(i), n.value.Float64()), true
		}
	case slog.KindFloat64:
		f := v.Float64()
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return 0, false
		}
		switch n.value.Kind() {
		case slog.KindFloat64:
			return cmp.Compare(f, n.value.Float64()), true
		case slog.KindInt64:
			if i := n.value.Int64(); i >= -exactFloat && i <= exactFloat {
				return cmp.Compare(f, float64(i)), true
			}
		}
	case slog.KindUint64:
	case slog.KindAny:
		if _, isNumber := v.Any().(json.Number); !isNumber {
			return 0, false
		}
	default:
		return 0, false
	}
	d, ok := record.ParseDecimal(record.ValueText(v))
	if !ok {
		return 0, false
	}
	return d.Cmp(n.decimal), true
}
