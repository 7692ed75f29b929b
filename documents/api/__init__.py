"""The HTTP interface of documents: shapes in, one service call, shapes out."""
