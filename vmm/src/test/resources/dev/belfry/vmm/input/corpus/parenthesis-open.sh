ARGS=(-machine virt
