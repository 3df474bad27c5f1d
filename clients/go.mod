module github.com/weirlog/weir/clients

go 1.26.0
