-- SPDX-FileCopyrightText: The Evernormal contributors
-- SPDX-License-Identifier: Apache-2.0
--
-- Slurm asks this script about every job before it is queued (JobSubmitPlugins=lua). A job on an
-- account whose voucher cannot pay for the cards asked for is refused, with the reason in English
-- and Chinese. The balances come from a small file that `evernormal agent slurm` writes; slurmctld
-- holds its locks while this runs, so nothing here may wait for a network.
--
-- Accounts that the file does not name, card types that it does not name for an account, and jobs
-- that ask for no card pass through. docs/how-to/enforce-vouchers-in-slurm.md tells how to set it up.

-- The balance file, beside this script unless you put another path here.
local BALANCE_FILE = nil
-- What happens while there has never been a readable balance file: "admit" or "refuse". No account
-- is known then to be under a voucher, so "refuse" closes the cluster to every job with cards.
local WITHOUT_FILE = "admit"

local FORMAT = "evernormal-balances\t1"
local CARD_KINDS = { gpu = true, npu = true, mlu = true, dcu = true, gcu = true, shard = true, mps = true }
-- Parts of a card have no type of their own.
local UNTYPED = { shard = true, mps = true }
local HOUR = 3600
-- Slurm's number for a time that was not given; the one above it stands for no limit at all.
local NO_LIMIT = slurm.NO_VAL
-- Slurm's own number for "Job violates accounting/QOS policy", which ends the user's message.
local REFUSED = slurm.ESLURM_ACCOUNTING_POLICY or 2050

local function beside_this_script(name)
   local source = debug.getinfo(1, "S").source
   local folder = source:match("^@(.*)/[^/]*$") or "/etc/slurm"
   return folder .. "/" .. name
end

local balance_path = BALANCE_FILE or beside_this_script("evernormal-balances.tsv")

-- The last balances that could be read; nil until then.
local known = nil

local function fields_of(line)
   local fields = {}
   for field in (line .. "\t"):gmatch("([^\t]*)\t") do
      fields[#fields + 1] = field
   end
   return fields
end

-- The balances of a text, or nil and what is wrong with it.
local function parse(text)
   local balances = { accounts = {}, good_until = nil, when_stale = nil }
   local count, is_whole, number = 0, false, 0
   for line in text:gmatch("([^\n]*)\n") do
      number = number + 1
      local field = fields_of(line)
      if number == 1 then
         if line ~= FORMAT then return nil, "its first line is not " .. FORMAT end
      elseif field[1] == "good_until" then
         balances.good_until = tonumber(field[2])
      elseif field[1] == "when_stale" then
         balances.when_stale = field[2]
      elseif field[1] == "balance" and #field == 7 and tonumber(field[5]) then
         local account = balances.accounts[field[2]] or {}
         balances.accounts[field[2]] = account
         account[field[3]] = {
            state = field[4], card_seconds = tonumber(field[5]), en = field[6], zh = field[7],
         }
         count = count + 1
      elseif field[1] == "end" then
         is_whole = tonumber(field[2]) == count
      else
         return nil, "line " .. number .. " cannot be read"
      end
   end
   if not is_whole or not balances.good_until then return nil, "it is not whole" end
   return balances
end

-- Refresh `known` from the file; what was known stays when the file cannot be read.
local function read_balances()
   local file, problem = io.open(balance_path, "r")
   local balances = nil
   if file then
      local text = file:read("*a")
      file:close()
      balances, problem = parse(text or "")
   end
   if balances then
      known = balances
   else
      slurm.log_error("evernormal: %s: %s", balance_path, problem or "cannot be read")
   end
end

local function tell(en, zh)
   slurm.user_msg(en)
   slurm.user_msg(zh)
   return REFUSED
end

local function hours(card_seconds)
   -- Rounded down, as the limit in Slurm is.
   return string.format("%.2f", math.floor(card_seconds * 100 / HOUR) / 100)
end

-- The nodes or tasks that a job asks for at least; Slurm marks "not said" by very large numbers.
local function at_least_one(number)
   if type(number) ~= "number" or number < 1 or number >= 0xfffffff0 then return 1 end
   return number
end

-- Cards that a job asks for at least, by GRES ("gpu:a100", or "gpu" where no type is named).
local function cards_of(job)
   local cards = {}
   local function add(request, times)
      for entry in (request or ""):gmatch("[^,]+") do
         local rest = entry:gsub("^gres[:/]", "")
         local kind = rest:match("^[^:=]+")
         if kind and CARD_KINDS[kind] then
            local tail = rest:sub(#kind + 1):gsub("^[:=]", "")
            local card_type, count = tail:match("^(.-)[:=]?(%d+)$")
            -- A type may itself end in a digit: "gpu:a100" is a type, "gpu:4" a count.
            if not count or (card_type ~= "" and not tail:match("[:=]%d+$")) then
               card_type, count = tail, 1
            end
            local name = card_type == "" and kind or (kind .. ":" .. card_type)
            cards[name] = (cards[name] or 0) + tonumber(count) * times
         end
      end
   end
   local nodes = at_least_one(job.min_nodes)
   add(job.tres_per_job, 1)
   add(job.tres_per_node or job.gres, nodes)
   add(job.tres_per_socket, nodes)
   add(job.tres_per_task, at_least_one(job.num_tasks))
   return cards
end

local function default_partition(parts)
   for name, part in pairs(parts or {}) do
      if part.flag_default == 1 or part.flag_default == true then return name end
   end
   return nil
end

-- Minutes that the job may run: its own limit, else the default of its partition; nil for neither.
local function minutes_of(job, parts)
   local asked = job.time_limit
   if asked and asked < NO_LIMIT then return asked end
   if asked and asked > NO_LIMIT then return nil end
   local name = (job.partition or default_partition(parts) or ""):match("^[^,]+")
   local part = name and parts and parts[name]
   local minutes = part and part.default_time
   if not minutes or minutes >= NO_LIMIT then return nil end
   return minutes
end

local function refuse_spent(account, gres, row)
   slurm.log_info("evernormal: refused a job of %s on %s: %s", account, gres, row.state)
   local en = row.en ~= "" and row.en or ("The voucher of account " .. account .. " is " .. row.state .. ".")
   local zh = row.zh ~= "" and row.zh or ("账户 " .. account .. " 的算力券不可用（" .. row.state .. "）。")
   return tell(en, zh)
end

local function refuse_stale(account)
   slurm.log_info("evernormal: refused a job of %s: balances are too old", account)
   return tell(
      "The balance of account " .. account .. " has not been confirmed by the voucher platform for too long, "
         .. "so no new job with cards is taken. Try again later, or ask the data centre.",
      "账户 " .. account .. " 的算力券余额长时间未经平台确认，暂不受理新的用卡作业。请稍后重试，或联系智算中心。")
end

local function refuse_untyped(kind)
   return tell(
      "Name the type of card: a voucher pays each type at its own price. Example: --gres=" .. kind .. ":TYPE:1",
      "请写明卡型：算力券按卡型分别计价。例如：--gres=" .. kind .. ":卡型:1")
end

local function refuse_without_time()
   return tell(
      "Give the job a time limit, for example --time=2:00:00. Without one it would ask for unlimited "
         .. "time, which no voucher covers, and would wait for ever.",
      "请为作业设置时限，例如 --time=2:00:00。未设时限视为申请无限时长，任何算力券都不足以支付，作业将一直排队。")
end

local function refuse_too_long(gres, asked, row)
   return tell(
      "The job asks for " .. hours(asked) .. " card-hours of " .. gres .. " (cards x time limit); the voucher pays "
         .. hours(row.card_seconds) .. " more. Ask for fewer cards or a shorter time.",
      "该作业申请 " .. gres .. " 共 " .. hours(asked) .. " 卡时（卡数×时限），算力券余额仅够 "
         .. hours(row.card_seconds) .. " 卡时。请减少卡数或缩短时限。")
end

-- An exclusive job holds every card of its nodes, also when it asks for none. What it will hold is
-- not known yet, so it goes through while the account has anything left; Slurm's limits do the rest.
local function check_exclusive(account, rows)
   for gres, row in pairs(rows) do
      if row.state == "OPEN" then return slurm.SUCCESS end
   end
   local gres, row = next(rows)
   return refuse_spent(account, gres, row)
end

-- Whether the job can be paid: slurm.SUCCESS, or REFUSED after telling the user why not.
local function check(job, account, parts)
   local cards = cards_of(job)
   local is_exclusive = job.shared == 0
   if next(cards) == nil and not is_exclusive then return slurm.SUCCESS end
   read_balances()
   if not known then
      return WITHOUT_FILE == "refuse" and refuse_stale(account) or slurm.SUCCESS
   end
   local rows = known.accounts[account]
   if not rows then return slurm.SUCCESS end
   if known.when_stale == "refuse" and os.time() > known.good_until then
      return refuse_stale(account)
   end
   if next(cards) == nil then return check_exclusive(account, rows) end
   for gres, count in pairs(cards) do
      local row = rows[gres]
      if not row and not gres:find(":", 1, true) and not UNTYPED[gres] then
         return refuse_untyped(gres)
      end
      if row then
         if row.state ~= "OPEN" then return refuse_spent(account, gres, row) end
         local minutes = minutes_of(job, parts)
         if not minutes then return refuse_without_time() end
         local asked = count * minutes * 60
         if asked > row.card_seconds then return refuse_too_long(gres, asked, row) end
      end
   end
   return slurm.SUCCESS
end

-- A mistake in here must never stop the cluster: it is logged, and the job goes on to Slurm's own
-- limits, which the agent sets as well.
local function checked(job, account, parts)
   local is_done, answer = pcall(check, job, account or "", parts)
   if is_done then return answer end
   slurm.log_error("evernormal: %s", tostring(answer))
   return slurm.SUCCESS
end

function slurm_job_submit(job_desc, part_list, submit_uid)
   return checked(job_desc, job_desc.account or job_desc.default_account, part_list)
end

-- A waiting job may be moved to another account; then that account has to be able to pay.
function slurm_job_modify(job_desc, job_rec, part_list, modify_uid)
   if job_desc.account == nil or modify_uid == 0 then return slurm.SUCCESS end
   local asked = {
      tres_per_job = job_desc.tres_per_job or job_rec.tres_per_job,
      tres_per_node = job_desc.tres_per_node or job_rec.tres_per_node,
      tres_per_socket = job_desc.tres_per_socket or job_rec.tres_per_socket,
      tres_per_task = job_desc.tres_per_task or job_rec.tres_per_task,
      time_limit = job_desc.time_limit ~= slurm.NO_VAL and job_desc.time_limit or job_rec.time_limit,
      partition = job_desc.partition or job_rec.partition,
      min_nodes = job_rec.min_nodes,
   }
   return checked(asked, job_desc.account, part_list)
end

return slurm.SUCCESS
