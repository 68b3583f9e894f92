"""An index in Milvus: the same answers from a server of vectors as from a folder."""
