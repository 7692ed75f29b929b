"""The HTTP interface of the domain: shapes in, one service call, shapes out."""
