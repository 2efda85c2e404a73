-- Dovecot's passdb, and a userdb before its own: asks Gatehouse. Only `decision=allow` in the first line of a 200 is a yes.

local url = "http://127.0.0.1:8080"
-- As the session list calls this machine.
local host = "mail1"
-- The host agent runs here: nobody comes in while it is out of reach, since no order could end him.
local agent = "required" -- or "none"
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

-- The decision and what else was said; nil when there is none.
local function ask(command, told)
  if not ready() then
    dovecot.i_error("gatehouse: the key file cannot be read: " .. key_file)
    return nil
  end
  local question = client:request {
    url = url .. "/hooks/dovecot?command=" .. command .. "&host=" .. host .. "&agent=" .. agent,
    method = "POST",
  }
  question:add_header("Content-Type", "application/json")
  question:add_header("X-Gatehouse-Key", key)
  question:set_payload(json(told))
  local answer = question:submit()
  if answer:status() ~= 200 then
    dovecot.i_error("gatehouse: no decision: " .. answer:status() .. " " .. answer:reason())
    return nil
  end
  return answer:payload():match("^decision=(%a+)\n(.*)")
end

function auth_password_verify(request, password)
  local decision = ask("check", {
    { "login", request.user },
    { "password", password },
    { "service", request.service },
    { "remote", request.remote_ip },
    { "remote_port", request.remote_port },
    { "session", request.session },
  })
  if decision == "allow" then
    return dovecot.auth.PASSDB_RESULT_OK, {}
  end
  if decision == "deny" or decision == "throttled" then
    return dovecot.auth.PASSDB_RESULT_PASSWORD_MISMATCH, decision
  end
  return dovecot.auth.PASSDB_RESULT_INTERNAL_FAILURE, "no decision"
end

local function first_line(path)
  local file = io.open(path, "r")
  if file == nil then
    return ""
  end
  local line = file:read("l")
  file:close()
  return line or ""
end

-- When the kernel started it, in ticks since boot: field 22, counted from behind the name, which may hold anything.
local function start_of(pid)
  local rest = first_line("/proc/" .. pid .. "/stat"):match(".*%) (.*)") or ""
  local at = 0
  for field in rest:gmatch("%S+") do
    at = at + 1
    if at == 20 then
      return field
    end
  end
  return ""
end

-- The last step of a login, asked by the mail process itself: Gatehouse hears which one it is, and whether the session
-- still stands. Where the mailbox is, the next userdb says. Lookups without a process (deliveries, doveadm) pass.
function auth_userdb_lookup(request)
  local pid = tonumber(request.userdb.gatehouse_pid)
  if pid == nil or pid <= 1 then
    return dovecot.auth.USERDB_RESULT_USER_UNKNOWN, ""
  end
  local decision, why = ask("process", {
    { "session", request.session },
    { "pid", math.tointeger(pid) },
    { "start", start_of(math.tointeger(pid)) },
    { "boot_id", first_line("/proc/sys/kernel/random/boot_id") },
  })
  if decision == "allow" then
    return dovecot.auth.USERDB_RESULT_USER_UNKNOWN, ""
  end
  if why ~= nil and why:match("shared") then
    dovecot.i_error("gatehouse: a mail process serves several sessions: service_count and client_limit must be 1")
  end
  return dovecot.auth.USERDB_RESULT_INTERNAL_FAILURE, "no session"
end

-- Nobody is known without his password: no lookups for delivery or proxies by this passdb.
function auth_passdb_lookup(request)
  return dovecot.auth.PASSDB_RESULT_USER_UNKNOWN, ""
end
