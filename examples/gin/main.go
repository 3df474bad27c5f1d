// Command gin uses Weir in a gin service. The middleware goes around the engine: there it
// sees the status that gin's own handlers set, and its panics.
//
//	go run ./gin
package main

import (
	"context"
	"flag"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"

	"github.com/weirlog/weir"
	"github.com/weirlog/weir/examples/internal/serve"
	"github.com/weirlog/weir/weirhttp"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8081", "where to listen (`address`)")
	flag.Parse()
	log := weir.New("gin-service")
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
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New() // without gin's Logger and Recovery, which weirhttp replaces
	// "Request completed" then has the route, as "/users/:id".
	engine.Use(func(c *gin.Context) {
		c.Request.Pattern = c.FullPath()
		c.Next()
	})
	engine.GET("/users/:id", func(c *gin.Context) {
		log.InfoContext(c.Request.Context(), "Fetching user", "user_id_param", c.Param("id"))
		c.JSON(http.StatusOK, gin.H{"user_id": c.Param("id")})
	})
	engine.GET("/panic", func(*gin.Context) { panic("on purpose") })
	return weirhttp.Middleware(log, weirhttp.Options{})(engine)
}
