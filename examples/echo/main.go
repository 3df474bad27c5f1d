// Command echo uses Weir in an echo service. The middleware goes around the router:
// echo answers errors only after its own middleware, so there alone the status is known.
//
//	go run ./echo
package main

import (
	"context"
	"flag"
	"net/http"
	"os"

	"github.com/labstack/echo/v4"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/examples/internal/serve"
	"github.com/weirlog/weir/weirhttp"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8082", "where to listen (`address`)")
	flag.Parse()
	log := weir.New("echo-service")
	err := serve.Run(log, *listen, handler(log))
	if err != nil {
		log.Err(context.Background(), err, "the service ends")
	}
	log.Close()
	if err != nil {
		os.Exit(1)
	}
}

func handler(log *weir.Logger) http.Handler {
	e := echo.New()
	// "Request completed" then has the route, as "/users/:id".
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Request().Pattern = c.Path()
			return next(c)
		}
	})
	e.GET("/users/:id", func(c echo.Context) error {
		log.InfoContext(c.Request().Context(), "Fetching user", "user_id_param", c.Param("id"))
		return c.JSON(http.StatusOK, map[string]string{"user_id": c.Param("id")})
	})
	e.GET("/panic", func(echo.Context) error { panic("on purpose") })
	return weirhttp.Middleware(log, weirhttp.Options{})(e)
}
