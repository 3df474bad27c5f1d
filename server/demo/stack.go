package demo

// The stack traces have the shapes of their languages, because people will look
// whether they are shown well.
const (
	goStack = `goroutine 84 [running]:
example.com/shop/worker.(*Resizer).tile(0xc0001a4000, {0xc00052e000, 0x3, 0x3}, 0x3)
	/src/worker/resize.go:71 +0x1d4
example.com/shop/worker.(*Resizer).Run(0xc0001a4000, {0x9f3a60, 0xc000112340})
	/src/worker/resize.go:38 +0x8f
created by example.com/shop/worker.(*Pool).start in goroutine 1
	/src/worker/pool.go:55 +0x115`

	javaStack = `java.net.SocketTimeoutException: Read timed out
	at java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)
	at java.base/java.net.Socket$SocketInputStream.read(Socket.java:1099)
	at com.example.payment.Gateway.authorize(Gateway.java:142)
	at com.example.payment.PaymentService.charge(PaymentService.java:88)
	at com.example.payment.api.ChargeResource.post(ChargeResource.java:41)
Caused by: java.io.IOException: stream closed
	at com.example.payment.http.PooledConnection.fill(PooledConnection.java:77)
	... 12 more`

	pythonStack = `Traceback (most recent call last):
  File "/srv/search/api.py", line 88, in handle
    hits = rank(query, candidates)
  File "/srv/search/ranking.py", line 31, in rank
    return sorted(candidates, key=lambda c: c.best.score)
AttributeError: 'NoneType' object has no attribute 'score'`
)
