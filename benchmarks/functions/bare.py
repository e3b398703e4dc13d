from mix import mix

print(mix(1))
