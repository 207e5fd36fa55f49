# Installs commit-story for one user, puts another version in its place, or takes it out again:
#   powershell -c "irm .../releases/latest/download/install.ps1 | iex"
# docs/install.md explains what it does and writes. It works in Windows PowerShell 5.1 and in PowerShell 7.
#
# Everything stands in one block: nothing of it runs before the last line was read, and nothing of it closes the window
# that `iex` runs in. With parameters: & ([scriptblock]::Create((irm .../install.ps1))) -To D:\tools -DryRun
& {
    param(
        # Install this version, not the newest.
        [string] $Version = '',
        # Install into this directory, not into %LOCALAPPDATA%\Programs\commit-story.
        [string] $To = '',
        # Put that directory on the user's PATH.
        [switch] $ModifyPath,
        # Replace a commit-story that something else has installed there.
        [switch] $Yes,
        # Say what would be done, and do nothing.
        [switch] $DryRun,
        # Take out everything that this script wrote.
        [switch] $Uninstall
    )

    # This line has to be understood where hardly anything is allowed.
    if ("$($ExecutionContext.SessionState.LanguageMode)" -ne 'FullLanguage') {
        throw 'PowerShell is restricted here (constrained language mode), and this script cannot work in it: ask whoever administers this machine, or use scoop or cargo'
    }

    Set-StrictMode -Off
    $Asked = $Version

    # >>> filled in for each release >>>
    $Repository = 'https://github.com/OWNER/commit-story'
    # The version this script installs; empty for the newest.
    $Version = ''
    # The hashes of its archives, as SHA256SUMS has them.
    $Hashes = ''
    # Who may sign a release: lines of OpenSSH's allowed_signers, and the same keys as minisign writes them.
    $Signers = 'release@commit-story namespaces="commit-story-release" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPTqz+lLslTEDhB/wZAjs4bcmousPvdushZcbPFuFirC
release@commit-story namespaces="commit-story-release" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIG6auo2RAGDjqtaiQ0rqdjr2mBoGGLrZvxiM0TJtss81'
    $Keys = 'RWT06s/pS7JUxPTqz+lLslTEDhB/wZAjs4bcmousPvdushZcbPFuFirC
RWRumrqNkQBg426auo2RAGDjqtaiQ0rqdjr2mBoGGLrZvxiM0TJtss81'
    # <<< filled in for each release <<<

    # -- What needs no machine: tests/install/install.tests.ps1 tries these everywhere -----------------------------------

    function Test-On([string] $Value) { $Value -notin @('', '0', 'no', 'off', 'false') }

    function Test-Version([string] $Text) { $Text -cmatch '\A[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?\z' }

    # Whether one version comes before another; 1.2.3-rc.1 comes before 1.2.3.
    function Test-Older([string] $One, [string] $Two) {
        $a = [version] ($One -replace '-.*', '')
        $b = [version] ($Two -replace '-.*', '')
        if ($a -ne $b) { return $a -lt $b }
        ($One -match '-') -and ($Two -notmatch '-')
    }

    # An address without the password that may be in it.
    function Hide-Password([string] $Address) { $Address -replace '//[^/]*@', '//***@' }

    # Refuses what is not https, but for this machine.
    function Test-Base([string] $Base) {
        if ($Base -notmatch '\A[A-Za-z0-9:/@._~%+=,\[\]-]+\z') { return $false }
        if ($Base -match '\Ahttps://') { return $true }
        $Base -match '\Ahttp://([^/]*@)?(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?(/|\z)' -and $Base -notmatch '@.*@'
    }

    # The build for a processor, by the names that Windows has for it.
    function Get-Target([string] $Processor) {
        switch -Regex ($Processor) {
            '\A(ARM64|Arm64)\z' { return 'aarch64-pc-windows-msvc' }
            '\A(AMD64|X64)\z' { return 'x86_64-pc-windows-msvc' }
        }
        throw "there is no build for ${Processor}: cargo install --git $Repository"
    }

    # The hash of a file in lines like those of sha256sum; nothing where it is not among them.
    function Get-Listed([string] $Lines, [string] $Name) {
        foreach ($line in $Lines -split "`r?`n") {
            if ($line -cmatch '\A([0-9a-f]{64})  (.+)\z' -and $Matches[2] -ceq $Name) { return $Matches[1] }
        }
    }

    # The version whose archive for a target is in such lines.
    function Get-ListedVersion([string] $Lines, [string] $Target) {
        foreach ($line in $Lines -split "`r?`n") {
            if ($line -cmatch "\A[0-9a-f]{64}  commit-story-(.+)-$Target\.tar\.gz\z") { return $Matches[1] }
        }
    }

    # PATH with a directory before all others, and without it. What stands there unexpanded stays unexpanded.
    function Add-ToPath([string] $Path, [string] $Directory) {
        if (Test-OnPath $Path $Directory) { return $Path }
        if ($Path) { "$Directory;$Path" } else { $Directory }
    }

    function Remove-FromPath([string] $Path, [string] $Directory) {
        @($Path -split ';' | Where-Object { $_.TrimEnd('\') -ine $Directory.TrimEnd('\') }) -join ';'
    }

    function Test-OnPath([string] $Path, [string] $Directory) {
        @($Path -split ';' | Where-Object { $_.TrimEnd('\') -ieq $Directory.TrimEnd('\') }).Count -gt 0
    }

    # Who installed what: the same record that install.sh writes.
    function New-Receipt([string] $Version, [string] $Target, [string] $Binary, [bool] $OnPath, [string] $Mirror) {
        $files = @()
        if ($OnPath) { $files = @('HKCU\Environment\Path') }
        $mirrored = $null
        if ($Mirror) { $mirrored = $Mirror -replace '//[^/]*@', '//' }
        [ordered]@{
            schema = 1; source = 'install.ps1'; version = $Version; target = $Target
            binary = $Binary; modified_path = $files; base_url = $mirrored
        } | ConvertTo-Json
    }

    # The list of versions that `update --rollback` can return to, with one more at its end: the last three.
    function Add-Kept($State, [string] $Version, [string] $Hash) {
        if (-not $State) { $State = [pscustomobject]@{ schema = 1 } }
        $kept = @($State.kept | Where-Object { $_ -and $_.version -ne $Version } | Select-Object -Last 2)
        $kept += [pscustomobject]@{ version = $Version; sha256 = $Hash }
        $State | Add-Member -NotePropertyName 'kept' -NotePropertyValue $kept -Force
        $State | ConvertTo-Json -Depth 8
    }

    # -- The machine ------------------------------------------------------------------------------------------------------

    function Write-Text([string] $Path, [string] $Text) {
        # Without a byte order mark, which 5.1 would put there.
        [IO.File]::WriteAllText("$Path.new", "$Text`n", (New-Object Text.UTF8Encoding $false))
        Move-Item -LiteralPath "$Path.new" -Destination $Path -Force
    }

    # The processor, also where this shell is made for another one.
    function Get-Processor {
        try { return [string] [Runtime.InteropServices.RuntimeInformation]::OSArchitecture } catch { }
        if ($env:PROCESSOR_ARCHITEW6432) { $env:PROCESSOR_ARCHITEW6432 } else { $env:PROCESSOR_ARCHITECTURE }
    }

    # What is busy for a moment, because a scanner of viruses reads it, is tried again for some seconds.
    function Invoke-Patiently([scriptblock] $Step) {
        for ($pause = 50; ; $pause *= 2) {
            try { return & $Step } catch {
                if ($pause -gt 3200) { throw }
                Start-Sleep -Milliseconds $pause
            }
        }
    }

    # 5.1 follows a redirect to an address that is not https; 7 does not.
    function Assert-Secure([string] $Address, $Answer) {
        $end = $Answer.BaseResponse.ResponseUri
        if ($end -and $Address -match '\Ahttps:' -and $end.Scheme -ne 'https') { throw 'it was moved to an address that is not https' }
    }

    function Save-File([string] $Address, [string] $Path) {
        $request = @{ Uri = $Address; OutFile = $Path; UseBasicParsing = $true; TimeoutSec = 900; MaximumRedirection = 10; PassThru = $true }
        if ($Address -match '//([^/@:]*):([^/@]*)@') {
            # A mirror's own password. 7 refuses to send one without TLS, and to this machine that is what is asked for.
            $pair = [Text.Encoding]::ASCII.GetBytes([uri]::UnescapeDataString($Matches[1] + ':' + $Matches[2]))
            $request.Headers = @{ Authorization = 'Basic ' + [Convert]::ToBase64String($pair) }
            $request.Uri = $Address -replace '//[^/]*@', '//'
        }
        foreach ($proxy in $env:HTTPS_PROXY, $env:ALL_PROXY) {
            # PowerShell 7 reads these itself, 5.1 knows only the system's own.
            if ($proxy -and $PSVersionTable.PSVersion.Major -lt 6 -and $Address -match '\Ahttps:') {
                $request.Proxy = $proxy -replace '//[^/]*@', '//'
                if ($proxy -match '//([^/:@]*):([^/@]*)@') {
                    $secret = ConvertTo-SecureString ([uri]::UnescapeDataString($Matches[2])) -AsPlainText -Force
                    $request.ProxyCredential = New-Object Management.Automation.PSCredential ([uri]::UnescapeDataString($Matches[1])), $secret
                }
                break
            }
        }
        for ($attempt = 1; ; $attempt++) {
            try { return Assert-Secure $Address (Invoke-WebRequest @request) } catch {
                if ($attempt -ge 3 -or "$_" -match '40[0-9]') { throw "cannot download $(Hide-Password $Address): $($_.Exception.Message)" }
                Start-Sleep -Seconds $attempt
            }
        }
    }

    # Runs a program with these arguments and a file as its input, byte by byte, which a pipe would not give it.
    function Invoke-Verifier([string] $Program, [string] $Arguments, [string] $Stage) {
        $run = @{
            FilePath = $Program; ArgumentList = $Arguments; RedirectStandardInput = "$Stage\SHA256SUMS"; NoNewWindow = $true
            RedirectStandardOutput = "$Stage\said"; RedirectStandardError = "$Stage\complained"; Wait = $true; PassThru = $true
        }
        (Start-Process @run).ExitCode
    }

    # What can check a signature here: its name and its path, or nothing.
    function Find-Verifier([string] $Stage) {
        $ssh = Get-Command 'ssh-keygen.exe' -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
        if ($ssh) {
            # Before OpenSSH 8.1 there is no -Y.
            Invoke-Verifier $ssh.Source '-Y verify' $Stage | Out-Null
            if ([IO.File]::ReadAllText("$Stage\complained") -notmatch 'unknown option|illegal option') { return @('ssh-keygen', $ssh.Source) }
        }
        $minisign = Get-Command 'minisign.exe' -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
        if ($minisign) { return @('minisign', $minisign.Source) }
        if (Test-On $env:COMMIT_STORY_REQUIRE_SIGNATURE) {
            throw 'please install OpenSSH (ssh-keygen.exe) or minisign: nothing here can check the signature'
        }
    }

    # The name of what checked the signature of the hashes; empty where nothing here can.
    function Confirm-Signature([string] $From, [string] $Stage) {
        $name, $program = Find-Verifier $Stage
        if (-not $name) { return '' }
        $sums = "$Stage\SHA256SUMS"
        if ($name -eq 'ssh-keygen') {
            Save-File "$From/SHA256SUMS.sshsig" "$sums.sshsig"
            [IO.File]::WriteAllText("$Stage\signers", ($Signers -replace "`r", '').Trim() + "`n")
            $ways = @('-Y verify -f "{0}\signers" -I release@commit-story -n commit-story-release -s "{1}.sshsig"' -f $Stage, $sums)
        } else {
            Save-File "$From/SHA256SUMS.minisig" "$sums.minisig"
            $ways = $Keys -split '\s+' | ForEach-Object { '-V -q -P {0} -m "{1}" -x "{1}.minisig"' -f $_, $sums }
        }
        foreach ($way in $ways) { if ((Invoke-Verifier $program $way $Stage) -eq 0) { return $name } }
        throw "the signature of $(Hide-Password $From)/SHA256SUMS is not by a key of commit-story's: nothing was installed"
    }

    # What the program in a file says of its version; nothing where it does not run.
    function Get-Reported([string] $Binary) {
        try { $said = & $Binary '--version'; if ($LASTEXITCODE -eq 0) { return "$said" -replace '\Acommit-story ', '' } } catch { }
    }

    function Set-UserPath([scriptblock] $Change) {
        $key = [Microsoft.Win32.Registry]::CurrentUser.CreateSubKey('Environment')
        try {
            $old = [string] $key.GetValue('Path', '', 'DoNotExpandEnvironmentNames')
            $new = [string] (& $Change $old)
            if ($new -ceq $old) { return }
            $kind = 'ExpandString'
            if ($key.GetValueNames() -contains 'Path') { $kind = $key.GetValueKind('Path') }
            $key.SetValue('Path', $new, $kind)
        } finally { $key.Close() }
        # Setting any variable this way has Windows tell all programs (WM_SETTINGCHANGE) that the environment has changed.
        [Environment]::SetEnvironmentVariable('COMMIT_STORY_INSTALLING', '1', 'User')
        [Environment]::SetEnvironmentVariable('COMMIT_STORY_INSTALLING', $null, 'User')
    }

    # Windows does not replace the file of a program that runs, but renames it.
    function Move-Program([string] $From, [string] $Binary, [string] $State) {
        $aside = "$State\old-$PID.exe"
        Invoke-Patiently {
            if (Test-Path -LiteralPath $Binary) { Move-Item -LiteralPath $Binary -Destination $aside -Force }
            try { Move-Item -LiteralPath $From -Destination $Binary -Force } catch {
                if (Test-Path -LiteralPath $aside) { Move-Item -LiteralPath $aside -Destination $Binary -Force }
                throw
            }
        }
        Remove-Item -LiteralPath $aside -Force -ErrorAction SilentlyContinue
    }

    # The same lock that `commit-story update` holds; Windows gives it up when this process ends. Who does not get it touches
    # nothing: what lies there is another one's.
    function Open-Lock([string] $Directory, [string] $State) {
        $lock = [IO.File]::Open("$State\lock", 'OpenOrCreate', 'ReadWrite', 'ReadWrite, Delete')
        try { $lock.Lock(0, 1) } catch {
            $lock.Close()
            throw "another installation or update is at work in $Directory"
        }
        $lock
    }

    function Remove-Installation([string] $Directory, [string] $State) {
        $receipt = "$State\receipt.json"
        if (-not (Test-Path -LiteralPath $receipt)) { throw "nothing in $Directory was installed by this script: say where it is with -To" }
        Write-Output "removing $Directory\commit-story.exe and $State"
        Write-Output 'Journals stay, and so do the hooks of repositories, which do nothing without the program. To take those out as'
        Write-Output 'well, run `commit-story uninstall` in each (`--global` for all at once, `commit-story mcp uninstall`) first.'
        if ($DryRun) { return }
        # Nobody is at it at this moment; held on to, the lock could not be removed.
        (Open-Lock $Directory $State).Close()
        $binary = "$Directory\commit-story.exe"
        if (Test-Path -LiteralPath $binary) {
            try { Invoke-Patiently { Remove-Item -LiteralPath $binary -Force -ErrorAction Stop } } catch {
                throw "cannot remove ${binary}, which probably runs (as the server of an assistant?): end it, and say it again"
            }
        }
        $record = Get-Content -LiteralPath $receipt -Raw -Encoding UTF8 | ConvertFrom-Json
        if ($record.modified_path) { Set-UserPath { param($old) Remove-FromPath $old $Directory } }
        Invoke-Patiently { Remove-Item -LiteralPath $State -Recurse -Force -ErrorAction Stop }
        if (-not (Get-ChildItem -LiteralPath $Directory -Force)) { Remove-Item -LiteralPath $Directory }
    }

    # The verified program in the stage, as a path.
    function Get-Program([string] $Base, [string] $Wanted, [string] $Target, [string] $Stage, [string] $Sums) {
        $archive = "commit-story-$Wanted-$Target.tar.gz"
        $listed = Get-Listed $Sums $archive
        $own = Get-Listed $Hashes $archive
        if ($own -and $listed -and $own -cne $listed) { throw "this script and SHA256SUMS differ about ${archive}: nothing was installed" }
        if (-not $listed) { throw "commit-story $Wanted has no build for $Target" }
        Write-Output "downloading $archive from $(Hide-Password $Base)" | Out-Host
        Save-File "$Base/download/v$Wanted/$archive" "$Stage\archive.tar.gz"
        $found = (Get-FileHash -LiteralPath "$Stage\archive.tar.gz" -Algorithm SHA256).Hash.ToLowerInvariant()
        if ($found -cne $listed) { throw "$archive is not what was released (its SHA-256 is $found, not $listed): nothing was installed" }
        # Windows' own, wherever a 32-bit shell sees it: another one takes C: for the name of a host.
        $tar = "$env:SystemRoot\Sysnative\tar.exe"
        if (-not (Test-Path -LiteralPath $tar)) { $tar = "$env:SystemRoot\System32\tar.exe" }
        & $tar '-xzf' "$Stage\archive.tar.gz" '-C' $Stage 'commit-story.exe'
        if ($LASTEXITCODE -ne 0) { throw "cannot unpack $archive" }
        $reported = Get-Reported "$Stage\commit-story.exe"
        if ($reported -cne $Wanted) { throw "the program in $archive does not say that it is ${Wanted}: $reported" }
        "$Stage\commit-story.exe"
    }

    function Install-Program([string] $Directory, [string] $State) {
        $base = $env:COMMIT_STORY_BASE_URL
        if (-not $base) { $base = "$Repository/releases" }
        $base = $base.TrimEnd('/')
        if (-not (Test-Base $base)) { throw "$(Hide-Password $base) is not https" }
        $target = $env:COMMIT_STORY_TARGET
        if (-not $target) { $target = Get-Target (Get-Processor) }
        $unmanaged = Test-On $env:COMMIT_STORY_UNMANAGED
        $onPath = $ModifyPath -or (Test-On $env:COMMIT_STORY_MODIFY_PATH)
        $explicit = $Asked
        if (-not $explicit) { $explicit = $env:COMMIT_STORY_VERSION }
        $wanted = "$explicit" -replace '\Av', ''
        if (-not $wanted) { $wanted = $Version }
        if ($wanted -and -not (Test-Version $wanted)) { throw "$wanted is no version: one looks like 1.2.3" }
        $binary = "$Directory\commit-story.exe"
        $present = ''
        if (Test-Path -LiteralPath $binary) {
            if (-not ($Yes -or $unmanaged -or (Test-Path -LiteralPath "$State\receipt.json"))) {
                throw "$binary was not installed by this script: remove it as it came, or say -Yes to replace it"
            }
            $present = Get-Reported $binary
            if (-not (Test-Version "$present")) { $present = '' }
        }
        try { New-Item -ItemType Directory -Path $State -Force -ErrorAction Stop | Out-Null } catch { throw "cannot write to ${Directory}: choose another directory with -To" }
        (Get-Item -LiteralPath $State -Force).Attributes = 'Directory, Hidden'
        $lock = Open-Lock $Directory $State
        try {
            Get-ChildItem -LiteralPath $State -Force | Where-Object { $_.Name -match '\A(stage-|old-)' } | Remove-Item -Recurse -Force -ErrorAction SilentlyContinue
            $stage = "$State\stage-$PID"
            New-Item -ItemType Directory -Path $stage | Out-Null
            $from = "$base/latest/download"
            if ($wanted) { $from = "$base/download/v$wanted" }
            Save-File "$from/SHA256SUMS" "$stage\SHA256SUMS"
            $verifier = Confirm-Signature $from $stage
            $sums = [IO.File]::ReadAllText("$stage\SHA256SUMS")
            if (-not $wanted) { $wanted = Get-ListedVersion $sums $target }
            if (-not (Test-Version "$wanted")) { throw "the newest release has no build for $target" }
            if (-not $explicit -and $present -and (Test-Older $wanted $present)) {
                throw "$present is installed, which is newer: -Version $wanted puts the older one in its place"
            }
            if ($present -ceq $wanted) {
                Write-Output "commit-story $wanted is in $binary already"
            } elseif ($DryRun) {
                Write-Output "would install commit-story $wanted for $target into $binary"
                return
            } else {
                $program = Get-Program $base $wanted $target $stage $sums
                if ($present -and -not $unmanaged) {
                    # For `commit-story update --rollback`.
                    $kept = "$State\versions\$present"
                    New-Item -ItemType Directory -Path $kept -Force | Out-Null
                    Copy-Item -LiteralPath $binary -Destination "$kept\commit-story.exe" -Force
                    $known = $null
                    if (Test-Path -LiteralPath "$State\state.json") { $known = Get-Content -LiteralPath "$State\state.json" -Raw -Encoding UTF8 | ConvertFrom-Json }
                    $list = Add-Kept $known $present (Get-FileHash -LiteralPath $binary -Algorithm SHA256).Hash.ToLowerInvariant()
                    Write-Text "$State\state.json" $list
                    $last = @(($list | ConvertFrom-Json).kept | ForEach-Object { $_.version })
                    Get-ChildItem -LiteralPath "$State\versions" | Where-Object { $_.Name -notin $last } | Remove-Item -Recurse -Force -ErrorAction SilentlyContinue
                }
                # The record comes first: whatever ends us between two steps, the next run knows whose the program is.
                if (-not $unmanaged) { Write-Text "$State\receipt.json" (New-Receipt $wanted $target $binary $onPath "$env:COMMIT_STORY_BASE_URL") }
                Move-Program $program $binary $State
                Write-Output "commit-story $wanted is in $binary"
                if ($verifier) { Write-Output "checked: SHA-256, and the signature by $verifier" }
                else { Write-Output 'checked: SHA-256 only: nothing here can check the signature (ssh-keygen.exe or minisign.exe can)' }
            }
        } finally {
            $lock.Close()
            Remove-Item -LiteralPath "$State\stage-$PID" -Recurse -Force -ErrorAction SilentlyContinue
            # Where nothing was installed, or nothing is to be kept, nothing stays.
            if (-not (Test-Path -LiteralPath "$State\receipt.json")) {
                Remove-Item -LiteralPath $State -Recurse -Force -ErrorAction SilentlyContinue
                if (-not (Get-ChildItem -LiteralPath $Directory -Force -ErrorAction SilentlyContinue)) { Remove-Item -LiteralPath $Directory -ErrorAction SilentlyContinue }
            }
        }
        Show-End $Directory $onPath
    }

    function Show-End([string] $Directory, [bool] $OnPath) {
        if ($env:GITHUB_PATH) { [IO.File]::AppendAllText($env:GITHUB_PATH, "$Directory`n") }
        if ($OnPath) { Set-UserPath { param($old) Add-ToPath $old $Directory } }
        $first = Get-Command 'commit-story' -CommandType Application -ErrorAction SilentlyContinue | Select-Object -First 1
        if ($first -and (Split-Path -Parent $first.Source).TrimEnd('\') -ine $Directory) { Write-Warning "$($first.Source) comes before it on PATH, and is what runs" }
        if (-not (Test-OnPath $env:Path $Directory)) {
            if ($OnPath) { Write-Output 'on PATH for windows that you open from now on; in this one:' }
            else { Write-Output 'not on PATH yet; this line puts it there for this window, and -ModifyPath does so for good:' }
            Write-Output "  `$env:Path = '$($Directory -replace "'", "''");' + `$env:Path"
        }
        Write-Output 'next, in a repository of yours: commit-story init'
    }

    function Start-Here {
        $ErrorActionPreference = 'Stop'
        # What a program of others says by its exit code is looked at here.
        $PSNativeCommandUseErrorActionPreference = $false
        # A bar that is drawn anew for every piece makes a download in 5.1 ten times as long.
        $ProgressPreference = 'SilentlyContinue'
        if ($PSVersionTable.PSVersion.Major -lt 6) {
            [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
        } elseif (-not $IsWindows) {
            throw "this script is for Windows: curl -LsSf $Repository/releases/latest/download/install.sh | sh"
        }
        $directory = $To
        if (-not $directory) { $directory = $env:COMMIT_STORY_INSTALL_DIR }
        if (-not $directory) { $directory = "$env:LOCALAPPDATA\Programs\commit-story" }
        $directory = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($directory).TrimEnd('\')
        $state = "$directory\.commit-story"
        if ($Uninstall) { Remove-Installation $directory $state } else { Install-Program $directory $state }
    }

    Start-Here
} @args
