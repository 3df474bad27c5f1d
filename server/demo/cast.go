package demo

import (
	"fmt"
	"math/rand/v2"

	"github.com/weirlog/weir/record"
)

// cast are the shop's services and the people who use it.
type cast struct {
	checkout, payment, search, mailer, worker []*sender // instances
	trainer                                   *sender
	users                                     []user
	products                                  []product
}

// sender is one process.
type sender struct {
	resource *record.Resource
	logger   string
	id       string
	seq      uint64
}

type user struct {
	id, name, country, plan, ip, session string
}

type product struct {
	id    int64
	name  string
	cents int64
}

func newCast(rng *rand.Rand) *cast {
	c := &cast{
		checkout: instances(rng, "checkout", "v2.14.1", "BACKEND", "shop.checkout", 2),
		payment:  instances(rng, "payment", "v1.9.0", "BACKEND", "com.example.payment.Gateway", 2),
		search:   instances(rng, "search", "v5.0.3", "BACKEND", "search.api", 2),
		mailer:   instances(rng, "mailer", "v0.8.2", "WORKER", "mailer.queue", 1),
		worker:   instances(rng, "worker", "v2.14.1", "WORKER", "worker.jobs", 3),
		trainer:  instances(rng, "trainer", "v0.3.0-rc1", "WORKER", "train.ranking", 1)[0],
		products: []product{
			{1001, "Café crème, 250 g", 790},
			{1002, "Teekanne „Ömer“", 3_450},
			{1003, "緑茶 セット", 2_100},
			{1004, "USB-C cable 2 m", 1_299},
			{1005, "Kettle <steel> & glass", 4_999},
			{1006, "Grinder", 8_900},
		},
	}
	names := []string{"Ada", "Björn", "Chidi", "Dana", "Élodie", "Farid", "Grace", "Hiroshi", "Inés", "Jürgen", "Kim", "Łukasz", "Mei", "Νίκος", "Olga", "Priya"}
	for i, name := range names {
		c.users = append(c.users, user{
			id:      fmt.Sprintf("u-%04d", 1000+i*37),
			name:    name,
			country: []string{"DE", "FR", "KR", "US", "NG", "JP"}[rng.IntN(6)],
			plan:    []string{"free", "free", "pro", "team"}[rng.IntN(4)],
			ip:      fmt.Sprintf("198.51.100.%d", 1+rng.IntN(250)),
			session: fmt.Sprintf("s-%08x", rng.Uint32()),
		})
	}
	return c
}

func instances(rng *rand.Rand, service, version, logType, logger string, n int) []*sender {
	out := make([]*sender, n)
	for i := range out {
		out[i] = &sender{
			resource: &record.Resource{
				Service: service, Environment: "production", ServiceVersion: version, LogType: logType,
				Host: fmt.Sprintf("%s-%d", service, i+1),
			},
			logger: logger,
			id:     fmt.Sprintf("%s-%d-%08x", service, i+1, rng.Uint32()),
		}
	}
	return out
}
