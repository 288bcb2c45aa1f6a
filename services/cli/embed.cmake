# cmake -DINPUT=file -DOUTPUT=file.cc -DNAME=name -P embed.cmake: the file's bytes as a C++ array in namespace parley.
file(READ ${INPUT} bytes HEX)
string(LENGTH "${bytes}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "(................................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUTPUT} "#include <cstddef>\nnamespace parley {\nextern const unsigned char ${NAME}[];\nextern const std::size_t ${NAME}Size;\nconst unsigned char ${NAME}[] = {\n${bytes}\n};\nconst std::size_t ${NAME}Size = ${size};\n}\n")
