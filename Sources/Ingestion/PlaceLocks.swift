import Intake

/// Lets one at a time do something at a place of the inbox.
actor PlaceLocks {
    /// Who waits for each place that is in use.
    private var waiting: [RemotePath: [CheckedContinuation<Void, Never>]] = [:]

    /// Waits until nobody else is at the place; ``leave(_:)`` MUST follow.
    func enter(_ place: RemotePath) async {
        guard waiting[place] != nil else {
            waiting[place] = []
            return
        }
        await withCheckedContinuation { waiting[place]?.append($0) }
    }

    func leave(_ place: RemotePath) {
        guard var others = waiting.removeValue(forKey: place), !others.isEmpty else { return }
        let next = others.removeFirst()
        waiting[place] = others
        next.resume()
    }
}

/// Lets a few at a time do something that takes memory or disk.
actor Turnstile {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(width: Int) { free = width }

    /// Waits until there is room; ``leave()`` MUST follow.
    func enter() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        guard !waiting.isEmpty else {
            free += 1
            return
        }
        waiting.removeFirst().resume()
    }
}
