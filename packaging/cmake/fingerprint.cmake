# cmake -DOUTPUT=HEADER "-DFILES=A;B;…" -P fingerprint.cmake   writes a header with a fingerprint of what the files hold.
set(all "")
foreach(file ${FILES})
  file(SHA256 ${file} one)
  string(APPEND all "${file} ${one}\n")
endforeach()
string(SHA256 fingerprint "${all}")
string(SUBSTRING ${fingerprint} 0 16 fingerprint)
file(WRITE ${OUTPUT} "#pragma once\ninline constexpr char kernelsFingerprint[] = \"${fingerprint}\";\n")
