package storetest_test

import (
	"testing"

	"github.com/weirlog/weir/server/store"
	"github.com/weirlog/weir/server/store/storetest"
)

func TestMemory(t *testing.T) {
	stores := map[string]*storetest.Memory{}
	storetest.Run(t, func(_ *testing.T, dir string) store.Store {
		if stores[dir] == nil {
			stores[dir] = storetest.NewMemory()
		}
		return stores[dir].Reopen()
	})
}
