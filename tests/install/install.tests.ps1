# Tries what install.ps1 decides, without a network, a registry or an installation: in Windows PowerShell 5.1 and PowerShell 7.
#
#   powershell -NoProfile -ExecutionPolicy Bypass -File tests/install/install.tests.ps1
#   pwsh -NoProfile -File tests/install/install.tests.ps1

$ErrorActionPreference = 'Stop'
$script = Join-Path $PSScriptRoot '../../install.ps1'
$text = [IO.File]::ReadAllText($script)
$failures = 0
$tried = 0

function Assert-Same($Expected, $Found, [string] $Name) {
    $script:tried++
    if ("$Expected" -cne "$Found") {
        $script:failures++
        Write-Output "FAILED ${Name}: expected <$Expected>, found <$Found>"
    }
}

function Assert-Throws([scriptblock] $Step, [string] $Words) {
    $script:tried++
    try { & $Step | Out-Null } catch { if ("$_" -match $Words) { return } }
    $script:failures++
    Write-Output "FAILED: nothing was thrown with the words $Words"
}

# The whole script parses here, and is plain ASCII: 5.1 would read anything else as it likes.
$errors = $null
[Management.Automation.Language.Parser]::ParseInput($text, [ref] $null, [ref] $errors) | Out-Null
Assert-Same 0 $errors.Count 'errors of the parser'
Assert-Same $false ($text -match '[^\x00-\x7F]') 'characters beyond ASCII'
# `exit` would close the window that `irm | iex` runs in.
Assert-Same $false ($text -match '(?m)^\s*exit\b') 'exit'

# The part that needs no machine, between its headings.
$parts = $text -split '(?m)^    # -- .*$'
Assert-Same 3 $parts.Count 'parts of the script'
$Repository = 'https://example.org/commit-story'
. ([scriptblock]::Create($parts[1]))

foreach ($on in '1', 'yes', 'true') { Assert-Same $true (Test-On $on) "on: $on" }
foreach ($off in '', '0', 'no', 'off', 'false') { Assert-Same $false (Test-On $off) "off: $off" }

foreach ($good in '1.2.3', '10.0.0-rc.1') { Assert-Same $true (Test-Version $good) $good }
foreach ($bad in '', '1.2', 'v1.2.3', '1.2.3/..', "1.2.3`n", '1.2.3 ', 'newest') { Assert-Same $false (Test-Version $bad) $bad }

Assert-Same $true (Test-Older '1.2.3' '1.2.4') 'patch'
Assert-Same $true (Test-Older '1.9.0' '1.10.0') 'as numbers'
Assert-Same $true (Test-Older '1.2.3-rc.1' '1.2.3') 'before the release'
Assert-Same $false (Test-Older '1.2.3' '1.2.3-rc.1') 'after its candidate'
Assert-Same $false (Test-Older '1.2.3' '1.2.3') 'the same'

foreach ($good in 'https://a.example/r', 'http://127.0.0.1:80/r', 'http://localhost/r', 'http://[::1]:8/r', 'http://u:p@127.0.0.1/r') {
    Assert-Same $true (Test-Base $good) $good
}
foreach ($bad in 'http://a.example/r', 'ftp://a.example', 'a.example', 'http://127.0.0.1@a.example/', 'http://127.0.0.1.a.example/',
    'https://a.example/"', "https://a.example/`n", 'http://a@b@127.0.0.1/') {
    Assert-Same $false (Test-Base $bad) $bad
}
Assert-Same 'https://***@a.example/r' (Hide-Password 'https://u:secret@a.example/r') 'no password is shown'

Assert-Same 'x86_64-pc-windows-msvc' (Get-Target 'AMD64') 'AMD64'
Assert-Same 'x86_64-pc-windows-msvc' (Get-Target 'X64') 'X64'
Assert-Same 'aarch64-pc-windows-msvc' (Get-Target 'Arm64') 'Arm64'
Assert-Throws { Get-Target 'x86' } 'there is no build for x86'

$hash = 'ab' * 32
$archive = 'commit-story-1.2.3-x86_64-pc-windows-msvc.tar.gz'
$lines = "$('cd' * 32)  $archive.minisig`r`n$hash  $archive`n"
Assert-Same $hash (Get-Listed $lines $archive) 'the line of that very name'
Assert-Same '' (Get-Listed $lines 'commit-story-1.2.3-x86_64-pc-windows-msvc') 'no part of a name'
Assert-Same '' (Get-Listed '' $archive) 'an empty list'
Assert-Same '1.2.3' (Get-ListedVersion $lines 'x86_64-pc-windows-msvc') 'the version in the list'
Assert-Same '' (Get-ListedVersion $lines 'aarch64-pc-windows-msvc') 'none for another target'

$path = '%SystemRoot%\system32;C:\Tools\'
Assert-Same "C:\own;$path" (Add-ToPath $path 'C:\own') 'put before all others'
Assert-Same $path (Add-ToPath $path 'c:\tools') 'there already'
Assert-Same 'C:\own' (Add-ToPath '' 'C:\own') 'an empty PATH'
Assert-Same $path (Remove-FromPath (Add-ToPath $path 'C:\own') 'C:\own\') 'there and back'
Assert-Same '' (Remove-FromPath 'C:\own' 'C:\own') 'nothing is left'

$receipt = New-Receipt '1.2.3' 'x86_64-pc-windows-msvc' 'C:\o''hara\commit-story.exe' $true 'https://u:secret@a.example/r' | ConvertFrom-Json
Assert-Same 1 $receipt.schema 'schema'
Assert-Same 'C:\o''hara\commit-story.exe' $receipt.binary 'binary'
Assert-Same 'https://a.example/r' $receipt.base_url 'no password is kept'
Assert-Same 1 @($receipt.modified_path).Count 'what was changed'
$plain = New-Receipt '1.2.3' 'x86_64-pc-windows-msvc' 'C:\x' $false ''
Assert-Same $true ($plain -match '"modified_path":\s*\[\s*\]') 'a list without entries stays a list'
Assert-Same $true ($plain -match '"base_url":\s*null') 'no mirror'

$state = Add-Kept $null '1.0.0' 'aa'
Assert-Same $true ($state -match '"kept":\s*\[\s*\{') 'one entry is a list'
$state = Add-Kept ($state | ConvertFrom-Json) '1.1.0' 'bb'
$state = Add-Kept ($state | ConvertFrom-Json) '1.0.0' 'cc' | ConvertFrom-Json
Assert-Same '1.1.0 1.0.0' (@($state.kept | ForEach-Object { $_.version }) -join ' ') 'each version once, the newest last'
Assert-Same 'cc' @($state.kept)[1].sha256 'with its hash of now'

$state = Add-Kept $state '1.2.0' 'dd' | ConvertFrom-Json
$state = Add-Kept $state '1.3.0' 'ee' | ConvertFrom-Json
Assert-Same '1.0.0 1.2.0 1.3.0' (@($state.kept | ForEach-Object { $_.version }) -join ' ') 'the last three'

# What needs no network and no registry of the machine is tried there, too: who has the lock, and who has not.
$place = Join-Path ([IO.Path]::GetTempPath()) "commit-story-$PID"
New-Item -ItemType Directory -Path $place | Out-Null
try {
    . ([scriptblock]::Create(($parts[2] -split '(?m)^    Start-Here$')[0]))
    if ($env:OS -eq 'Windows_NT') {
        $held = Open-Lock 'there' $place
        Assert-Throws { Open-Lock 'there' $place } 'another installation or update is at work in there'
        $held.Close()
        (Open-Lock 'there' $place).Close()
    }
    Assert-Throws { Assert-Secure 'https://a.example/f' @{ BaseResponse = @{ ResponseUri = [uri] 'http://b.example/f' } } } 'not https'
    Assert-Secure 'https://a.example/f' @{ BaseResponse = @{ ResponseUri = [uri] 'https://b.example/f' } }
    Assert-Secure 'http://127.0.0.1/f' @{ BaseResponse = @{ ResponseUri = [uri] 'http://127.0.0.1/f' } }
    Assert-Secure 'https://a.example/f' @{ BaseResponse = @{} }
    Write-Text (Join-Path $place 'text') 'words'
    Assert-Same 6 ([IO.File]::ReadAllBytes((Join-Path $place 'text')).Count) 'text without a byte order mark'
} finally { Remove-Item -LiteralPath $place -Recurse -Force }

Write-Output "$tried tried, $failures failed (PowerShell $($PSVersionTable.PSVersion))"
if ($failures) { throw "$failures failed" }
