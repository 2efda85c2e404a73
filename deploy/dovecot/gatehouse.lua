-- Dovecot's passdb: asks Gatehouse. Only `decision=allow` in the first line of a 200 is a yes.

local url = "http://127.0.0.1:8080"
-- As the session list calls this machine.
local host = "mail1"
-- One line, the client key (scope `authenticate`); root:root 0600: workers read it as root.
local key_file = "/etc/gatehouse/dovecot.key"

local client, key

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\" }

local function quoted(text)
  local inside = tostring(text or ""):gsub('[%c"\\]', function(one)
    return escapes[one] or string.format("\\u%04x", one:byte())
  end)
  return '"' .. inside .. '"'
end

local function json(pairs_)
  local parts = {}
  for _, pair in ipairs(pairs_) do
    parts[#parts + 1] = quoted(pair[1]) .. ":" .. quoted(pair[2])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function script_init()
  return 0
end

function script_deinit()
end

local function ready()
  if key ~= nil then
    return true
  end
  local file = io.open(key_file, "r")
  if file == nil then
    return false
  end
  local line = file:read("l")
  file:close()
  client = dovecot.http.client { timeout = 5000, max_attempts = 1 }
  key = line
  return key ~= nil
end

local function ask(request, password)
  local question = client:request {
    url = url .. "/hooks/dovecot?command=check&host=" .. host,
    method = "POST",
  }
  question:add_header("Content-Type", "application/json")
  question:add_header("X-Gatehouse-Key", key)
  question:set_payload(json({
    { "login", request.user },
    { "password", password },
    { "service", request.service },
    { "remote", request.remote_ip },
    { "remote_port", request.remote_port },
    { "session", request.session },
  }))
  return question:submit()
end

function auth_password_verify(request, password)
  if not ready() then
    dovecot.i_error("gatehouse: the key file cannot be read: " .. key_file)
    return dovecot.auth.PASSDB_RESULT_INTERNAL_FAILURE, "no key"
  end
  local answer = ask(request, password)
  if answer:status() ~= 200 then
    dovecot.i_error("gatehouse: no decision: " .. answer:status() .. " " .. answer:reason())
    return dovecot.auth.PASSDB_RESULT_INTERNAL_FAILURE, "no decision"
  end
  local decision = answer:payload():match("^decision=(%a+)\n")
  if decision == "allow" then
    return dovecot.auth.PASSDB_RESULT_OK, {}
  end
  if decision == "deny" or decision == "throttled" then
    return dovecot.auth.PASSDB_RESULT_PASSWORD_MISMATCH, decision
  end
  return dovecot.auth.PASSDB_RESULT_INTERNAL_FAILURE, "no decision"
end

-- Nobody is known without his password: no lookups for delivery or proxies by this passdb.
function auth_passdb_lookup(request)
  return dovecot.auth.PASSDB_RESULT_USER_UNKNOWN, ""
end
