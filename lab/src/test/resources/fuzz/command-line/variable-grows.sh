A=0123456789
A=$A$A$A$A
A=$A$A$A$A
A=$A$A$A$A
qemu-system-aarch64 -M virt -m $A
