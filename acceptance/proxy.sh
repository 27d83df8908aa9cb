# shellcheck shell=bash
# nginx in front of the server, with TLS or without.

PROXY= # its host and port

# certificates: ./ca.pem, and ./server.pem with ./server.key for 127.0.0.1, signed by it.
certificates() {
  cat >openssl.conf <<'END'
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[server]
basicConstraints = CA:FALSE
subjectAltName = IP:127.0.0.1
END
  openssl req -config openssl.conf -x509 -extensions ca -newkey rsa:2048 -nodes -days 2 -subj "/CN=Test CA" \
    -keyout ca.key -out ca.pem
  openssl req -config openssl.conf -newkey rsa:2048 -nodes -subj "/CN=127.0.0.1" -keyout server.key -out server.csr
  openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
    -extfile openssl.conf -extensions server -out server.pem
}

# start_nginx [--tls] PORT DIRECTIVE…: in front of $REGISTRY, on that port of 127.0.0.1; sets PROXY.
start_nginx() {
  local tls='' port
  if [[ $1 == --tls ]]; then
    tls=yes
    shift
  fi
  port=$1
  shift
  mkdir -p nginx
  {
    cat <<END
daemon off;
pid $PWD/nginx/pid;
error_log stderr info;
events {}
http {
  log_format asked '"\$request" \$status "\$http_range"';
  access_log $PWD/nginx/access.log asked;
  client_body_temp_path $PWD/nginx/body;
  proxy_temp_path $PWD/nginx/proxy;
  fastcgi_temp_path $PWD/nginx/fastcgi;
  uwsgi_temp_path $PWD/nginx/uwsgi;
  scgi_temp_path $PWD/nginx/scgi;
  client_max_body_size 0;
  proxy_http_version 1.1;
  proxy_request_buffering off;
  proxy_buffering off;
  proxy_set_header Host \$http_host;
  proxy_set_header X-Forwarded-Proto \$scheme;
  proxy_set_header X-Forwarded-For \$remote_addr;
  server {
    listen 127.0.0.1:$port${tls:+ ssl};
END
    printf '    %s\n' "$@" '}' '}'
  } >nginx.conf
  if ((EUID == 0)); then
    sed -i '1i user root;' nginx.conf # its workers could not write here otherwise
  fi
  nginx -p "$PWD/nginx" -e stderr -c "$PWD/nginx.conf" >nginx.server.log 2>&1 &
  PROCESSES+=("$!")
  until_works "nginx" status_of ${tls:+--cacert ca.pem} "http${tls:+s}://127.0.0.1:$port/"
  # shellcheck disable=SC2034 # the cases use it
  PROXY=127.0.0.1:$port
}

# behind_tls: a server with an htpasswd file, and nginx before it; the authority is in ./ca.pem and ./certificates.
behind_tls() {
  local port
  certificates
  guarded_server
  port=$(free_port)
  start_nginx --tls "$port" "ssl_certificate $PWD/server.pem;" "ssl_certificate_key $PWD/server.key;" \
    "location / { proxy_pass http://$REGISTRY; }"
  mkdir -p certificates
  cp ca.pem certificates/ca.crt
}
